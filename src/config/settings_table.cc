// The one table of settings.

#include <fmt/core.h>

#include <array>
#include <cctype>
#include <charconv>

#include "config/settings.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

std::string CheckListen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || stopped_at != end) port = -1;
  }
  const bool is_host = !host.empty() && host.find_first_of(" \t/?#@") == std::string::npos;
  if (is_host && port >= 0 && port <= 65535) return {};
  return fmt::format("expected an address and a port as in 127.0.0.1:8686, found '{}'", text);
}

std::string CheckOptionalListen(const std::string& text) {
  return text.empty() ? std::string() : CheckListen(text);
}

std::string CheckBaseUrl(const std::string& text) {
  const bool is_http = text.starts_with("http://") || text.starts_with("https://");
  const bool is_plain =
      text.find_first_of(" \t\r\n?#@") == std::string::npos && !text.ends_with('/');
  if (text.empty() || (is_http && is_plain)) return {};
  return "expected an http or https URL without credentials, query and trailing slash";
}

const std::array<SettingSpec, 30> kSettings{{
    {.name = "home", .type = SettingType::kPath, .help = "Data folder."},
    {.name = "listen",
     .default_value = "127.0.0.1:8686",
     .help =
         "Where the dashboard and the API answer; port 0 takes a free one. Off loopback TLS or a "
         "listed proxy is needed.",
     .check = CheckListen},
    {.name = "catalog_dirs",
     .type = SettingType::kPathList,
     .help = "Folders with further declarations."},
    {.name = "pipeline_dirs",
     .type = SettingType::kPathList,
     .help = "Folders with further pipelines."},
    {.name = "github.base_url",
     .help =
         "Where GitHub's API answers, for GitHub Enterprise Server; empty: as the catalog says.",
     .check = CheckBaseUrl},
    {.name = "github.token",
     .help = "GitHub token. Without one GitHub allows fewer requests.",
     .secret = true,
     .other_variable = "GITHUB_TOKEN",
     .check = CheckPlainValue},
    {.name = "github.token_file",
     .type = SettingType::kPath,
     .help = "File that holds the GitHub token."},
    {.name = "github.tokens",
     .help = "Further GitHub tokens, comma separated; each adds its own limits.",
     .secret = true,
     .other_variable = "GITHUB_TOKENS",
     .check = CheckPlainValue},
    {.name = "github.tokens_file",
     .type = SettingType::kPath,
     .help = "File with further GitHub tokens, one a line; only its owner may read it."},
    {.name = "github.app_id",
     .help = "A GitHub App's id; with the two settings below its installation gives tokens.",
     .check = CheckPlainValue},
    {.name = "github.app_installation_id",
     .help = "The installation of the GitHub App.",
     .check = CheckPlainValue},
    {.name = "github.app_key_file",
     .type = SettingType::kPath,
     .help = "PEM file with the GitHub App's private key; only its owner may read it."},
    {.name = "remote.token",
     .help = "Admin token of the server that --server names.",
     .secret = true,
     .check = CheckPlainValue},
    {.name = "remote.token_file",
     .type = SettingType::kPath,
     .help =
         "File that holds the admin token of the server that --server names; only its owner may "
         "read it."},
    {.name = "lake.fsync",
     .type = SettingType::kBoolean,
     .default_value = "true",
     .help = "Wait until what is written is on the disk; without it a power cut may lose what was "
             "collected last."},
    {.name = "log_level",
     .default_value = "info",
     .help = "What is logged.",
     .choices = {"debug", "info", "warn", "error"}},
    {.name = "duckdb.memory_limit_mb",
     .type = SettingType::kInteger,
     .default_value = "2048",
     .help = "Memory that one DuckDB database may use, in MiB.",
     .min = 64,
     .max = 1 << 20},
    {.name = "duckdb.threads",
     .type = SettingType::kInteger,
     .default_value = "0",
     .help = "Threads of one DuckDB database; 0: as many as the machine has.",
     .min = 0,
     .max = 1024},
    {.name = "statsd.address",
     .help =
         "StatsD server that is told what the scheduler does, as in localhost:8125; empty: none.",
     .check = CheckOptionalListen},
    {.name = "statsd.prefix",
     .default_value = "airflow",
     .help = "What comes before the name of every metric sent to StatsD."},
    {.name = "server.tls_certificate",
     .type = SettingType::kPath,
     .help =
         "PEM file with the certificate and its chain; with server.tls_key the server speaks TLS."},
    {.name = "server.tls_key",
     .type = SettingType::kPath,
     .help = "PEM file with the certificate's key."},
    {.name = "server.host_names",
     .help = "Further host names under which the server answers, comma separated."},
    {.name = "server.proxy_addresses", .help = "IP addresses of trusted proxies, comma separated."},
    {.name = "server.proxy_secret",
     .help = "What a trusted proxy sends as x-stargaze-proxy-secret.",
     .secret = true,
     .check = CheckPlainValue},
    {.name = "server.proxy_user_header",
     .default_value = "x-forwarded-user",
     .help = "Header in which a trusted proxy names the user it has let in."},
    {.name = "server.admins", .help = "Users of the proxy who may do everything, comma separated."},
    {.name = "server.operators",
     .help = "Users of the proxy who may change what is followed, comma separated."},
    {.name = "server.rate_limit",
     .type = SettingType::kInteger,
     .default_value = "300",
     .help =
         "Requests a second of one client, for two seconds twice as many; files and 304 are not "
         "counted; 0: any number.",
     .min = 0,
     .max = 1'000'000},
    {.name = "server.access_log",
     .type = SettingType::kBoolean,
     .default_value = "true",
     .help = "Whether requests are logged to logs/access.log in the data folder."},
}};

}  // namespace

std::span<const SettingSpec> AllSettings() {
  return kSettings;
}

const SettingSpec* FindSetting(std::string_view name) {
  for (const SettingSpec& spec : kSettings) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

std::string VariableOf(std::string_view setting) {
  std::string variable = "STARGAZE_";
  for (const char c : setting) {
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

}  // namespace stargaze::config
