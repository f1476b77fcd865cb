#include "app/doctor.h"

#include <fmt/core.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "app/data_folder.h"
#include "app/output.h"
#include "app/sandbox_server.h"
#include "net/http_server.h"
#include "warehouse/published_pointer.h"

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kDiskFailed = int64_t{200} << 20;  // A publication of a small lake fits in that.
constexpr int64_t kDiskWarning = int64_t{2} << 30;
constexpr std::chrono::hours kOldData{48};

Finding Of(const char* check, Health health, std::string detail, std::string remedy = "") {
  return {
      .check = check, .health = health, .detail = std::move(detail), .remedy = std::move(remedy)};
}

// Where the folder is, or would be made.
std::string Nearest(const std::string& path) {
  fs::path at = path;
  std::error_code error;
  while (!fs::exists(at, error) && at != at.parent_path()) at = at.parent_path();
  return at.string();
}

Finding CheckFolder(const std::string& home) {
  std::error_code error;
  const std::string nearest = Nearest(home);
  if (!fs::is_directory(nearest, error) || ::access(nearest.c_str(), W_OK | X_OK) != 0)
    return Of("data_folder",
              Health::kFailed,
              fmt::format("{} cannot be written", nearest),
              "give its user the permission, or choose another folder with --home");
  if (!fs::exists(home, error))
    return Of("data_folder", Health::kOk, home + " does not exist yet and can be made");
  const Result<FolderIdentity> identity = DataFolder::ReadIdentity(home);
  if (!identity.ok() && identity.error().kind() != ErrorKind::kNotFound)
    return Of("data_folder",
              Health::kFailed,
              identity.error().message(),
              "restore instance.json from a backup");
  const std::string what = !identity.ok()             ? "has no data yet"
                           : identity.value().sandbox ? "holds sandbox data"
                                                      : "holds data of " + identity.value().host;
  return Of("data_folder",
            Health::kOk,
            fmt::format(
                "{} {}{}", home, what, DataFolder::IsHeld(home) ? "; a process has it open" : ""));
}

Finding CheckDisk(const std::string& home) {
  struct statvfs disk {};
  if (::statvfs(Nearest(home).c_str(), &disk) != 0)
    return Of("disk", Health::kFailed, "the disk's room is not known: " + home, "check the path");
  const auto free = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  const std::string detail = HumanBytes(free) + " free for " + home;
  const std::string remedy = "free some room, or move the folder with --home";
  if (disk.f_files > 0 && disk.f_favail < 1000)
    return Of("disk", Health::kFailed, fmt::format("{} files left", disk.f_favail), remedy);
  if (free < kDiskFailed) return Of("disk", Health::kFailed, detail, remedy);
  return Of("disk",
            free < kDiskWarning ? Health::kWarning : Health::kOk,
            detail,
            free < kDiskWarning ? remedy : "");
}

Finding CheckPublished(const std::string& home, Instant now) {
  const auto publication = warehouse::ReadPointer(home + "/published");
  if (!publication.ok())
    return Of(
        "published", Health::kFailed, publication.error().message(), publication.error().remedy());
  if (!publication.value())
    return Of("published",
              Health::kWarning,
              "nothing has been published yet",
              "collect once: stargaze dag run github_repo");
  const auto age = now - publication.value()->published_at;
  const std::string detail = "published " + FormatInstantSeconds(publication.value()->published_at);
  if (!publication.value()->sandbox && age > kOldData)
    return Of("published",
              Health::kWarning,
              fmt::format("{}: {} hours ago",
                          detail,
                          std::chrono::duration_cast<std::chrono::hours>(age).count()),
              "look at the last runs: stargaze sql \"FROM dag_run ORDER BY 1 DESC LIMIT 5\"");
  return Of("published", Health::kOk, detail);
}

// The port as `up` would take it; taken by our own server is well.
Finding CheckPort(const config::Settings& settings) {
  const std::string& text = settings.Text("listen");
  const Result<ListenAddress> listen = ParseListen(text);
  if (!listen.ok())
    return Of("port", Health::kFailed, listen.error().message(), listen.error().remedy());
  const auto server =
      net::HttpServer::Start({.address = listen.value().address,
                              .port = listen.value().port,
                              .proxies = {"127.0.0.1"}},  // TLS is another question.
                             [](const net::ServerRequest&) { return net::HttpResponse{}; });
  if (server.ok()) return Of("port", Health::kOk, text + " is free");
  if (DataFolder::IsHeld(settings.Text("home")))
    return Of("port", Health::kOk, text + " is taken, as by the process that has the folder open");
  return Of("port",
            Health::kFailed,
            server.error().message(),
            "end what listens there, or choose another port: stargaze config set listen "
            "127.0.0.1:PORT");
}

}  // namespace

std::string_view NameOf(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWarning:
      return "warning";
    case Health::kFailed:
      return "failed";
    case Health::kSkipped:
      return "skipped";
  }
  return "";
}

std::vector<Finding> ExamineMachine(const DoctorOptions& options) {
  const std::string& home = options.settings.Text("home");
  std::string files;
  for (const std::string& file : options.settings.files())
    files += (files.empty() ? "read " : ", ") + file;
  std::vector<Finding> findings{
      Of("settings", Health::kOk, files.empty() ? "all at their defaults" : files)};
  for (const std::string& warning : options.settings.warnings())
    findings.push_back(
        Of("settings", Health::kWarning, warning, "unset it, or write it as it is meant"));
  findings.push_back(CheckFolder(home));
  findings.push_back(CheckDisk(home));
  findings.push_back(CheckPublished(home, options.clock.Now()));
  findings.push_back(CheckPort(options.settings));
  return findings;
}

std::vector<Finding> Examine(const DoctorOptions& options) {
  std::vector<Finding> findings = ExamineMachine(options);
  for (Finding& finding : ExamineSource(options)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace stargaze::app
