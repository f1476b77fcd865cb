// One search page of 100 repositories, served again and again, and collected into a raw lake.
//
//   bench_pages serve PAGES        prints the address; ends when its input ends
//   bench_pages collect ADDRESS FOLDER   prints the seconds, responses and bytes kept

#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <string>

#include "app/builtin_components.h"
#include "base/random.h"
#include "collect/collect.h"
#include "config/catalog.h"
#include "net/http_server.h"
#include "sandbox/github_api.h"
#include "sandbox/world.h"

namespace stargaze {
namespace {

constexpr const char* kDeclaration = R"(dataset: bench/page
schema_version: 1
summary: The same page again and again.
source: bench
dag: bench_page
retention: {raw: 1d, analytics: forever}
requests: [{name: all, path: /search/repositories, query: {per_page: 100}, paginate: {kind: link}}]
records: $.items[*]
key: [repository_id]
tables:
  page: {summary: Not refined here., columns: {repository_id: {path: $.id, type: integer, required: true}}}
docs: {grain: One row per repository.}
)";
constexpr const char* kSource = "source: bench\nsummary: Loopback.\nbase_url: http://127.0.0.1\n";

// The body of a page as the simulated GitHub writes it.
Result<std::string> OnePage(const Clock& clock) {
  SG_TRY(const std::unique_ptr<sandbox::World> world,
         sandbox::OpenWorld("generated:seed=1,repositories=1000"));
  sandbox::GitHubApi api(*world, clock, {});
  net::ServerRequest request;
  request.method = "GET";
  request.path = "/search/repositories";
  request.query = {{"q", "stars:>=0"}, {"sort", "stars"}, {"per_page", "100"}};
  request.headers.Add("user-agent", "bench");
  request.headers.Add("host", "127.0.0.1");
  const net::HttpResponse response = api.Handle(request);
  if (response.status == 200) return response.body;
  return Error(ErrorKind::kInternal, "no page: " + response.body);
}

Status ServePages(int pages) {
  const SystemClock clock;
  SG_TRY(const std::string body, OnePage(clock));
  std::string address;
  SG_TRY(const std::unique_ptr<net::HttpServer> server,
         net::HttpServer::Start({.threads = 1}, [&](const net::ServerRequest& request) {
           const int page = std::stoi(request.Param("page").value_or("1"));
           net::HttpResponse response;
           response.status = 200;
           response.headers.Add("content-type", "application/json; charset=utf-8");
           if (page < pages) {
             response.headers.Add(
                 "link",
                 fmt::format("<{}/search/repositories?per_page=100&page={}>; rel=\"next\"",
                             address,
                             page + 1));
           }
           response.body = body;
           return response;
         }));
  address = fmt::format("http://127.0.0.1:{}", server->port());
  std::cout << address << " " << body.size() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return Ok();
}

Status CollectPages(const std::string& address, const std::string& folder) {
  const std::vector<config::DeclarationFile> files{
      {.path = "bench/source.yaml", .text = kSource},
      {.path = "bench/page.yaml", .text = kDeclaration}};
  SG_TRY(const model::Catalog catalog, config::ReadCatalog(files));
  SG_TRY(const std::unique_ptr<lake::ObjectStore> lake, app::OpenLake(folder, true));
  SG_TRY(const std::unique_ptr<net::HttpTransport> transport,
         net::CurlTransport::Create("stargaze-bench"));
  SystemClock clock;
  collect::Governor governor(clock);
  governor.Assume({.identity = "anonymous", .resource = "core"}, 1'000'000);
  const auto begin = std::chrono::steady_clock::now();
  const collect::CollectJob job{
      .dataset = catalog.datasets.front(),
      .source = catalog.sources.at("bench"),
      .base_url = address,
      .attempt = {.instance = {.run = {.dag_id = "bench", .run_id = "bench"}, .task_id = "collect"},
                  .hex = "00000000"},
      .sandbox = true,
      .deadline = clock.Now() + std::chrono::minutes(5)};
  collect::CredentialPool nobody(address, {}, {});
  SG_TRY(const collect::CollectReport report,
         collect::Collect(job,
                          {.transport = *transport,
                           .lake = *lake,
                           .clock = clock,
                           .governor = governor,
                           .credentials = nobody}));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!report.failed.empty()) return Error(ErrorKind::kInternal, report.failed.front().message);
  std::cout << taken.count() << " " << report.requests.sent << " " << report.bytes_written << "\n";
  return Ok();
}

}  // namespace
}  // namespace stargaze

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  stargaze::Status done = stargaze::Ok();
  if (command == "serve" && argc == 3) {
    done = stargaze::ServePages(std::stoi(argv[2]));
  } else if (command == "collect" && argc == 4) {
    done = stargaze::CollectPages(argv[2], argv[3]);
  } else {
    std::cerr << "usage: bench_pages serve PAGES | collect ADDRESS FOLDER\n";
    return 2;
  }
  if (done.ok()) return 0;
  std::cerr << "bench_pages: " << done.error().message() << "\n";
  return 1;
}
