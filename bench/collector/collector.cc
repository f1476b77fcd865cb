// The collector's three datasets against a simulated GitHub, without the scheduler: what is
// charged, and how long it takes. Prints NAME=NUMBER; bench/collect/run reads them.
//
//   bench_collector unchanged REPOSITORIES FOLDER    in virtual time, limits on: charged
//   bench_collector snapshots REPOSITORIES FOLDER    likewise: one token, a day's counts
//   bench_collector first_fill REPOSITORIES FOLDER   likewise: histories
//   bench_collector world REPOSITORIES    the world that they ask, for `sandbox --world`
//   bench_collector list REPOSITORIES     the repositories of that world
//   bench_collector conditional ADDRESS LIST FOLDER
//       real time, of a sandbox with that world and --unlimited: requests that are answered 304

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/builtin_components.h"
#include "base/embedded_files.h"
#include "base/virtual_clock.h"
#include "collect/budget.h"
#include "collect/collect.h"
#include "collect/known_states.h"
#include "config/catalog.h"
#include "sandbox/direct_transport.h"
#include "sandbox/github_api.h"
#include "sandbox/repository_json.h"
#include "sandbox/world.h"

namespace stargaze {
namespace {

constexpr const char* kBase = "http://github.invalid";
constexpr const char* kToken = "bench-token";
constexpr std::size_t kWorkers = 16;  // As many batches at once as the pool api_pool has slots.
constexpr std::chrono::hours kPatience{24 * 30};

std::vector<std::unique_ptr<collect::TokenProvider>> OneToken() {
  std::vector<std::unique_ptr<collect::TokenProvider>> tokens;
  tokens.push_back(std::make_unique<collect::StaticToken>(secrets::Secret(kToken)));
  return tokens;
}

std::string WorldOf(int64_t repositories) {
  return fmt::format("generated:seed=1,repositories={},renamed=0,transferred=0,deleted=0",
                     repositories);
}

// The first `repositories` that are there now: some of them came after the world's beginning.
Result<std::vector<registry::RepositoryRef>> Everybody(sandbox::World& world,
                                                       Instant now,
                                                       int64_t repositories) {
  SG_TRY(const std::shared_ptr<const sandbox::Snapshot> snapshot, world.At(now));
  std::vector<registry::RepositoryRef> all;
  for (const sandbox::Repository& one : snapshot->repositories)
    all.push_back({.repository_id = one.profile->id,
                   .node_id = sandbox::NodeId("R", one.profile->id),
                   .full_name = one.name->full_name});
  all.resize(std::min(all.size(), static_cast<std::size_t>(repositories)));
  return all;
}

struct Collected {
  model::RequestCounts requests{};
  int64_t unchanged = 0;
  int64_t records = 0;
};

// Everything that an attempt needs, and workers that take one batch after the other.
struct Collector {
  net::HttpTransport& transport;
  lake::ObjectStore& lake;
  Clock& clock;
  VirtualClock* virtual_clock;  // Null in real time.
  collect::GovernorLimits limits{};
  std::string base_url = kBase;
  std::vector<registry::RepositoryRef> everybody{};
  model::Catalog catalog = config::LoadCatalog(EmbeddedFiles(), {}).value();
  collect::Governor governor{clock, limits};
  collect::CredentialPool credentials{base_url, OneToken(), {}};
  collect::KnownStates known{};
  int runs = 0;

  Result<Collected> Run(const std::string& name) {
    const model::Dataset& dataset = *catalog.FindDataset(name);
    const model::Run run{.dag_id = dataset.dag,
                         .run_id = fmt::format("manual__{}", ++runs),
                         .logical_date = clock.Now()};
    Collected total;
    Status trouble = Ok();
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    std::latch ready(kWorkers);
    const auto size = static_cast<std::size_t>(dataset.batch_size);
    const auto work = [&] {
      std::optional<VirtualClock::Actor> actor;
      if (virtual_clock != nullptr) actor.emplace(*virtual_clock);
      ready.arrive_and_wait();
      for (std::size_t at = 0; (at = next.fetch_add(size)) < everybody.size();) {
        const std::size_t end = std::min(at + size, everybody.size());
        const collect::CollectJob job{
            .dataset = dataset,
            .source = catalog.sources.at("github"),
            .base_url = base_url,
            .subjects = {everybody.begin() + static_cast<std::ptrdiff_t>(at),
                         everybody.begin() + static_cast<std::ptrdiff_t>(end)},
            .attempt = {.instance = {.run = run,
                                     .task_id = "collect",
                                     .map_index = static_cast<int>(at / size)},
                        .hex = "00000000"},
            .last_try = true,
            .sandbox = true,
            .deadline = clock.Now() + kPatience};
        const Result<collect::CollectReport> report =
            collect::Collect(job, {transport, lake, clock, governor, credentials, &known});
        const std::lock_guard lock(mutex);
        if (!report.ok()) trouble = report.error();
        if (report.ok() && !report.value().failed.empty())
          trouble = Error(ErrorKind::kInternal, report.value().failed.front().message);
        if (!trouble.ok()) return;
        total.requests.sent += report.value().requests.sent;
        total.unchanged += report.value().unchanged;
        total.records += report.value().records;
      }
    };
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < kWorkers; ++i) workers.emplace_back(work);
    }
    if (!trouble.ok()) return trouble.error();
    return total;
  }
};

// A simulation with GitHub's limits, in virtual time; some growth lies behind it.
struct Bed {
  std::unique_ptr<sandbox::World> world;
  std::unique_ptr<lake::ObjectStore> lake;
  VirtualClock clock{ParseInstant("2026-06-01T12:00:00Z").value()};
  sandbox::GitHubApi api{*world, clock, {.base_url = kBase}};
  sandbox::DirectTransport transport{api, clock};
  Collector collector{
      .transport = transport, .lake = *lake, .clock = clock, .virtual_clock = &clock};

  Status Open(int64_t repositories) {
    SG_TRY(collector.everybody, Everybody(*world, clock.Now(), repositories));
    return Ok();
  }
};

Result<std::unique_ptr<Bed>> OpenBed(int64_t repositories, const std::string& folder) {
  SG_TRY(std::unique_ptr<sandbox::World> world, sandbox::OpenWorld(WorldOf(repositories)));
  SG_TRY(std::unique_ptr<lake::ObjectStore> lake, app::OpenLake(folder, false));
  std::unique_ptr<Bed> bed(new Bed{.world = std::move(world), .lake = std::move(lake)});
  SG_RETURN_IF_ERROR(bed->Open(repositories));
  return bed;
}

// What the simulation counted while `act` ran.
struct Charged {
  int64_t requests = 0;
  int64_t charged = 0;
  int64_t points = 0;
  int64_t not_modified = 0;
  double hours = 0;
};

Result<Charged> During(Bed& bed, const std::function<Status()>& act) {
  const sandbox::GitHubApiCounters before = bed.api.counters();
  const Instant began = bed.clock.Now();
  SG_RETURN_IF_ERROR(act());
  const sandbox::GitHubApiCounters after = bed.api.counters();
  if (after.limit_violations > 0)
    return Error(ErrorKind::kInternal, "a limit was crossed: " + CountersJson(after));
  return Charged{
      .requests = after.core_requests + after.graphql_requests - before.core_requests -
                  before.graphql_requests,
      .charged = after.charged - before.charged,
      .points = after.graphql_points - before.graphql_points,
      .not_modified = after.not_modified - before.not_modified,
      .hours = std::chrono::duration<double, std::ratio<3600>>(bed.clock.Now() - began).count()};
}

Status Unchanged(int64_t repositories, const std::string& folder) {
  for (const std::string dataset :
       {"github/repository_snapshot", "github/star_history", "github/release"}) {
    SG_TRY(const std::unique_ptr<Bed> bed, OpenBed(repositories, folder + "/" + dataset));
    const auto once = [&]() -> Status {
      SG_TRY([[maybe_unused]] const Collected done, bed->collector.Run(dataset));
      return Ok();
    };
    SG_TRY(const Charged first, During(*bed, once));
    SG_TRY(const Charged again, During(*bed, once));
    std::cout << fmt::format(
        "dataset={} repositories={} first={} requests={} charged={} points={} not_modified={}\n",
        dataset,
        bed->collector.everybody.size(),
        first.charged + first.points,
        again.requests,
        again.charged,
        again.points,
        again.not_modified);
  }
  return Ok();
}

Status Snapshots(int64_t repositories, const std::string& folder) {
  SG_TRY(const std::unique_ptr<Bed> bed, OpenBed(repositories, folder));
  SG_TRY(const Charged spent, During(*bed, [&]() -> Status {
           SG_TRY(const Collected done, bed->collector.Run("github/repository_snapshot"));
           if (done.records == static_cast<int64_t>(bed->collector.everybody.size())) return Ok();
           return Error(ErrorKind::kInternal, "some repositories have no snapshot");
         }));
  std::cout << fmt::format("repositories={} points={} hours={:.2f}\n",
                           bed->collector.everybody.size(),
                           spent.points,
                           spent.hours);
  return Ok();
}

Status FirstFill(int64_t repositories, const std::string& folder) {
  SG_TRY(const std::unique_ptr<Bed> bed, OpenBed(repositories, folder));
  SG_TRY(const Charged spent, During(*bed, [&]() -> Status {
           SG_TRY([[maybe_unused]] const Collected done, bed->collector.Run("github/star_history"));
           return Ok();
         }));
  // Planned with as many pages as a repository turned out to have, and with the usual guess of ten.
  const auto planned_h = [&](int64_t pages) {
    const collect::BudgetPlan plan = collect::PlanBudget(
        bed->collector.catalog, {.repositories = repositories, .first_fill_pages = pages});
    for (const collect::BudgetLine& line : plan.lines) {
      if (line.dataset == "github/star_history") return line.first_fill_ends_h;
    }
    return 0.0;
  };
  const int64_t pages = (spent.charged + repositories / 2) / repositories;
  std::cout << fmt::format(
      "repositories={} requests={} pages={} planned_h={:.2f} planned_by_its_pages_h={:.2f} "
      "hours={:.2f}\n",
      repositories,
      spent.charged,
      pages,
      planned_h(10),
      planned_h(pages),
      spent.hours);
  return Ok();
}

// A world takes more memory than collecting it: who measures the one does not hold the other.
Status ListWorld(int64_t repositories) {
  SG_TRY(const std::unique_ptr<sandbox::World> world, sandbox::OpenWorld(WorldOf(repositories)));
  SG_TRY(const std::vector<registry::RepositoryRef> all,
         Everybody(*world, SystemClock().Now(), repositories));
  for (const registry::RepositoryRef& one : all)
    std::cout << one.repository_id << " " << one.node_id << " " << one.full_name << "\n";
  return Ok();
}

std::vector<registry::RepositoryRef> ReadList(const std::string& path) {
  std::ifstream in(path);
  std::vector<registry::RepositoryRef> all;
  for (registry::RepositoryRef one; in >> one.repository_id >> one.node_id >> one.full_name;)
    all.push_back(one);
  return all;
}

Status Conditional(const std::string& address, const std::string& list, const std::string& folder) {
  SG_TRY(const std::unique_ptr<lake::ObjectStore> lake, app::OpenLake(folder, false));
  SG_TRY(const std::unique_ptr<net::HttpTransport> transport,
         net::CurlTransport::Create("stargaze-bench"));
  SystemClock clock;
  constexpr int64_t kPlenty = 1'000'000'000;
  Collector collector{.transport = *transport,
                      .lake = *lake,
                      .clock = clock,
                      .virtual_clock = nullptr,
                      .limits = {.concurrent = 1'000,
                                 .rest_points_per_minute = kPlenty,
                                 .cpu_per_minute = std::chrono::milliseconds(kPlenty)},
                      .base_url = address};
  collector.everybody = ReadList(list);
  SG_TRY([[maybe_unused]] const Collected first, collector.Run("github/release"));
  const auto begin = std::chrono::steady_clock::now();
  SG_TRY(const Collected again, collector.Run("github/release"));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (again.unchanged != static_cast<int64_t>(collector.everybody.size()))
    return Error(ErrorKind::kInternal, "some repositories seem to have changed");
  std::cout << fmt::format("repositories={} requests={} seconds={:.3f}\n",
                           again.unchanged,
                           again.requests.sent,
                           taken.count());
  return Ok();
}

Status Do(const std::string& command, const std::vector<std::string>& words) {
  if (command == "conditional" && words.size() == 3)
    return Conditional(words[0], words[1], words[2]);
  if (words.size() == 2) {
    const int64_t repositories = std::stoll(words[0]);
    if (command == "unchanged") return Unchanged(repositories, words[1]);
    if (command == "snapshots") return Snapshots(repositories, words[1]);
    if (command == "first_fill") return FirstFill(repositories, words[1]);
  }
  if (command == "list" && words.size() == 1) return ListWorld(std::stoll(words[0]));
  if (command == "world" && words.size() == 1) {
    std::cout << WorldOf(std::stoll(words[0])) << "\n";
    return Ok();
  }
  return Error(ErrorKind::kInvalidInput,
               "unchanged N FOLDER | snapshots N FOLDER | first_fill N FOLDER | world N | list N | "
               "conditional ADDRESS LIST FOLDER");
}

}  // namespace
}  // namespace stargaze

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  const stargaze::Status done = stargaze::Do(argc > 1 ? argv[1] : "", words);
  if (done.ok()) return 0;
  std::cerr << "bench_collector: " << done.error().message() << "\n";
  return 1;
}
