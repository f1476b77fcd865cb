// Makes a data folder of any size without collecting it: analytics files of invented repositories,
// loaded and published by the product's own code.
//
//   bench_filler HOME REPOSITORIES DAYS
//
// The last day is 2026-06-30. The same arguments give the same rows.

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "app/instance.h"
#include "base/crc32c.h"
#include "config/settings.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "storage/parquet_writer.h"

namespace stargaze {
namespace {

constexpr int kDaysPerManifest = 30;

struct Size {
  int64_t repositories = 0;
  int days = 0;
};

Day LastDay() {
  return *ParseDay("2026-06-30");
}

// Stars and forks grow by a rate of each repository's own and shake by a hash: no rank is constant.
std::string RepositoriesSql(const Size& size) {
  return fmt::format(
      "CREATE TABLE invented AS SELECT id AS repository_id, 'R_' || id AS node_id, "
      "'owner' || (hash(id) % 9000) || '/project' || id AS full_name, 'project' || id AS name, "
      "['mit', 'apache-2.0', 'gpl-3.0', 'bsd-3-clause', 'agpl-3.0', 'mpl-2.0', NULL]"
      "[1 + (hash(id, 1) % 7)::INTEGER] AS license_key, "
      "['C++', 'Go', 'Python', 'Rust', 'TypeScript', NULL][1 + (hash(id, 2) % 6)::INTEGER] AS "
      "language, "
      "(hash(id, 3) % 100 = 0) AS archived, "
      "TIMESTAMP '2012-01-01' + INTERVAL (hash(id, 4) % 4500) DAY AS created_at, "
      "(1000 + 4e8 / (id + 1000))::BIGINT AS base, (hash(id, 5) % 4000) / 100.0 AS rate "
      "FROM range(1, {} + 1) AS t(id)",
      size.repositories);
}

std::string CountsSql(const std::string& day) {
  return fmt::format(
      "(base + rate * date_diff('day', DATE '2024-01-01', {0}) + hash(repository_id, {0}) % "
      "7)::BIGINT AS stars, "
      "(base / 6 + rate / 5 * date_diff('day', DATE '2024-01-01', {0}) + hash({0}, repository_id) "
      "% 3)::BIGINT AS forks",
      day);
}

std::string VersionSql(const std::string& observed_at) {
  return fmt::format(
      "{} AS observed_at, 'bench' AS attempt, 'measured' AS provenance, 0::BIGINT AS ordinal",
      observed_at);
}

class Filler {
 public:
  Filler(app::Instance& instance, const Size& size) : instance_(instance), size_(size) {}

  Status Run() {
    SG_TRY(connection_, instance_.engine->Connect());
    SG_RETURN_IF_ERROR(connection_->Execute(RepositoriesSql(size_)));
    SG_RETURN_IF_ERROR(PutEntities());
    for (int from = 0; from < size_.days; from += kDaysPerManifest) {
      SG_RETURN_IF_ERROR(PutDays(from, std::min(from + kDaysPerManifest, size_.days) - 1));
      SG_TRY([[maybe_unused]] const warehouse::LoadReport loaded,
             instance_.warehouse->Load(*instance_.lake));
      std::cerr << "filled " << std::min(from + kDaysPerManifest, size_.days) << " days\n";
    }
    return instance_.warehouse->Publish(instance_.clock);
  }

 private:
  // Day 0 is the first of them.
  Day DayAt(int index) const { return LastDay() - std::chrono::days(size_.days - 1 - index); }

  Status PutEntities() {
    const std::string now = fmt::format("TIMESTAMP '{} 06:00:00'", FormatDay(LastDay()));
    const std::string first = fmt::format("TIMESTAMP '{} 06:00:00'", FormatDay(DayAt(0)));
    SG_RETURN_IF_ERROR(
        Publish("github/repository",
                "entities",
                {{"repository",
                  fmt::format("SELECT *, {}, {} FROM invented",
                              CountsSql("DATE '" + FormatDay(LastDay()) + "'"),
                              VersionSql(now))},
                 {"license",
                  fmt::format("SELECT DISTINCT license_key, upper(license_key) AS spdx_id, "
                              "license_key || ' licence' AS name, {} FROM invented WHERE "
                              "license_key IS NOT NULL",
                              VersionSql(now))},
                 {"repository_name",
                  fmt::format("SELECT repository_id, full_name, {} AS first_seen, {} AS last_seen, "
                              "{} FROM invented",
                              first,
                              now,
                              VersionSql(now))}}));
    return Publish("stargaze/repository_membership",
                   "members",
                   {{"repository_membership",
                     fmt::format("SELECT repository_id, 'search_stars' AS rule, {} AS "
                                 "followed_from, NULL::TIMESTAMP AS followed_to, node_id, "
                                 "full_name, {} FROM invented",
                                 first,
                                 VersionSql(now))}});
  }

  Status PutDays(int from, int to) {
    const std::string days = fmt::format("range({}, {})", from, to + 1);
    const std::string day = fmt::format("(DATE '{}' + n::INTEGER)", FormatDay(DayAt(0)));
    const std::string at = day + "::TIMESTAMP + INTERVAL 6 HOUR";
    SG_RETURN_IF_ERROR(
        Publish("github/repository",
                fmt::format("days-{}", from),
                {{"repository_snapshot",
                  fmt::format("SELECT repository_id, full_name, {}, license_key, language, "
                              "archived, {} AS day, 'search' AS request, {} FROM invented, {} AS "
                              "t(n)",
                              CountsSql(day),
                              day,
                              VersionSql(at),
                              days)}}));
    return Publish(
        "stargaze/dag_run",
        fmt::format("runs-{}", from),
        {{"dag_run",
          fmt::format("SELECT 'github_repo' AS dag_id, 'scheduled__' || {0} AS run_id, {1} AS "
                      "logical_date, {1} AS started_at, {1} AS ended_at, 'success' AS state, true "
                      "AS last_of_day, {2} FROM {3} AS t(n)",
                      day,
                      at,
                      VersionSql(at),
                      days)}});
  }

  // `tables`: name and the query of its rows.
  Status Publish(const std::string& dataset,
                 const std::string& attempt,
                 const std::map<std::string, std::string>& tables) {
    const Instant now = instance_.clock.Now();
    model::Manifest manifest;
    manifest.layer = model::Layer::kAnalytics;
    manifest.host = instance_.options.identity.host;
    manifest.sandbox = true;
    manifest.dataset = dataset;
    manifest.attempt = "bench." + attempt;
    manifest.dag_id = "github_repo";
    manifest.logical_date = manifest.started_at = manifest.ended_at = now;
    for (const auto& [table, select] : tables) {
      const std::string path = instance_.folder->ScratchPath() + "/" + table + ".parquet";
      SG_RETURN_IF_ERROR(connection_->Execute(
          fmt::format("COPY ({}) TO '{}'{}", select, path, storage::ParquetCopyOptions())));
      SG_TRY(const storage::SqlRows rows,
             connection_->Query(fmt::format("SELECT count(*) FROM '{}'", path)));
      const std::string key = lake::AnalyticsObjectKey(table, now, manifest.attempt);
      SG_RETURN_IF_ERROR(instance_.lake->PutFile(key, path, lake::PutMode::kReplace));
      SG_TRY(const std::string bytes, instance_.lake->Get(key));
      manifest.objects.push_back({.key = key,
                                  .table = table,
                                  .bytes = static_cast<int64_t>(bytes.size()),
                                  .crc32c = Crc32c(bytes),
                                  .lines = rows.Integer(0, 0)});
    }
    SG_TRY([[maybe_unused]] const std::string published,
           lake::PublishManifest(*instance_.lake, manifest));
    return Ok();
  }

  app::Instance& instance_;
  Size size_;
  std::unique_ptr<storage::DuckDbConnection> connection_;
};

Status Fill(const std::string& home, const Size& size) {
  SG_TRY(const config::Settings settings,
         config::LoadSettings({.flags = {{.setting = "home", .value = home, .origin = "HOME"}},
                               .working_directory = home}));
  SystemClock clock;
  const app::InstanceOptions options{
      .identity = {.host = "sandbox", .sandbox = true, .world = "bench"}};
  SG_TRY(const std::unique_ptr<app::Instance> instance,
         app::Instance::Open(settings, options, clock));
  return Filler(*instance, size).Run();
}

}  // namespace
}  // namespace stargaze

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: bench_filler HOME REPOSITORIES DAYS\n";
    return 2;
  }
  const stargaze::Size size{.repositories = std::atoll(argv[2]), .days = std::atoi(argv[3])};
  const stargaze::Status filled = stargaze::Fill(argv[1], size);
  if (filled.ok()) return 0;
  std::cerr << "bench_filler: " << filled.error().message() << "\n";
  return 1;
}
