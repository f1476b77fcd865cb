// Tokens of GitHub: what there are and what they are good for, and the file that keeps them.

#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/credentials.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/prompt.h"
#include "app/settings_file.h"
#include "app/token_check.h"
#include "app/token_file.h"
#include "base/replace_file.h"
#include "config/settings_edit.h"

namespace stargaze::app {
namespace {

using storage::SqlValue;

constexpr const char* kFileSetting = "github.tokens_file";
constexpr mode_t kOwnerOnly = 0600;

// What asking the source takes.
struct Source {
  std::string base_url{};
  SystemClock clock{};
  std::unique_ptr<net::HttpTransport> transport{};
  std::unique_ptr<collect::Governor> governor{};
  TokenProviders tokens{};
};

Result<std::unique_ptr<Source>> OpenSource(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declared, session.Declared());
  auto source = std::make_unique<Source>();
  source->base_url = GithubBaseUrl(*settings, declared.catalog);
  SG_TRY(source->transport,
         net::CurlTransport::Create({.user_agent = "stargaze-auth",
                                     .proxy = net::ProxyFrom(session.environment().variables)}));
  source->governor = std::make_unique<collect::Governor>(source->clock);
  SG_TRY(source->tokens,
         OpenTokens(*settings,
                    {.base_url = source->base_url, .token = settings->Text("github.token")},
                    *source->transport,
                    *source->governor,
                    source->clock));
  return source;
}

std::vector<SqlValue> LimitCells(const std::map<std::string, LimitFacts>& limits,
                                 const char* resource) {
  const auto found = limits.find(resource);
  if (found == limits.end()) return {SqlValue(), SqlValue(), SqlValue()};
  return {found->second.remaining,
          found->second.limit,
          found->second.reset_at ? SqlValue(*found->second.reset_at) : SqlValue()};
}

struct Standing {
  std::string label{};
  Finding finding{.check = "token"};
  std::map<std::string, LimitFacts> limits{};
};

Standing StandingOf(Session& session, const Source& source, collect::TokenProvider& provider) {
  Standing standing;
  const auto fail = [&](const Error& error, Health health) {
    standing.finding.health = health;
    standing.finding.detail = error.message();
    standing.finding.remedy = error.remedy();
    return standing;
  };
  const std::stop_token& stop = session.environment().stop;
  const Result<secrets::Secret> token = provider.Token(stop);
  if (!token.ok()) return fail(token.error(), Health::kFailed);
  standing.label = token.value().Label();
  const auto response = AskLimits(*source.transport, source.base_url, token.value(), stop);
  if (!response.ok())
    return fail(Error(response.error()).Remedy("stargaze doctor looks for why"), Health::kSkipped);
  standing.finding = JudgeToken(standing.label, response.value());
  standing.limits = ReadLimits(response.value().body);
  return standing;
}

Status ShowStatus(Session& session) {
  SG_TRY(const std::unique_ptr<Source> source, OpenSource(session));
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  TableOutput table{.columns = {"token",
                                "from",
                                "state",
                                "detail",
                                "remedy",
                                "requests_left",
                                "requests_limit",
                                "requests_reset_at",
                                "points_left",
                                "points_limit",
                                "points_reset_at"},
                    .more = {"requests_left",
                             "requests_limit",
                             "requests_reset_at",
                             "points_left",
                             "points_limit",
                             "points_reset_at"}};
  for (const auto& provider : source->tokens) {
    const Standing standing = StandingOf(session, *source, *provider);
    const Finding& finding = standing.finding;
    std::vector<SqlValue>& row = table.rows.emplace_back();
    row = {standing.label,
           OriginOf(*settings, *provider),
           std::string(NameOf(finding.health)),
           finding.detail,
           finding.remedy};
    for (const char* resource : {"core", "graphql"})
      for (SqlValue& cell : LimitCells(standing.limits, resource)) row.push_back(std::move(cell));
    if (finding.health == Health::kSkipped && session.exit_code == 0)
      session.exit_code = TraitsOf(ErrorKind::kUnavailable).exit_code;
    if (finding.health == Health::kFailed) session.exit_code = kCheckFailedCode;
  }
  if (source->tokens.empty())
    session.err() << "no token: GitHub allows 60 requests an hour and no GraphQL; stargaze auth "
                     "token add keeps one\n";
  const Result<FolderIdentity> identity = DataFolder::ReadIdentity(settings->Text("home"));
  if (identity.ok() && identity.value().sandbox)
    session.err() << "the data folder is a sandbox's: no token of the settings is used there\n";
  session.Print(table);
  return Ok();
}

struct TokenOptions {
  std::string ending{};
  bool offline = false;
};

// The file that the settings name, or one beside the user's settings, which name it from then on.
Result<std::string> TokenFile(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  if (const std::string& named = settings->Text(kFileSetting); !named.empty()) return named;
  SG_TRY(const std::string file, SettingsTarget(session, "user"));
  return (std::filesystem::path(file).parent_path() / "github_tokens").string();
}

Status NameInSettings(Session& session, const std::string& tokens) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  if (!settings->Text(kFileSetting).empty()) return Ok();
  SG_TRY(const std::string file, SettingsTarget(session, "user"));
  SG_TRY(const std::string before, ReadSettingsFile(file));
  SG_TRY(const std::string after, config::WithSetting(file, before, kFileSetting, tokens));
  SG_RETURN_IF_ERROR(WriteSettingsFile(file, after));
  session.err() << fmt::format("{} is set in {}\n", kFileSetting, file);
  return Ok();
}

// Empty without the file.
Result<std::string> ReadTokens(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::string();
  secrets::FileSecrets files;
  SG_TRY(const secrets::Secret text, files.Get(file));
  return text.Reveal();
}

// One token, in the form that requests carry; nothing else of the input is kept.
Result<std::unique_ptr<collect::TokenProvider>> ReadToken(Session& session) {
  SG_TRY(std::string text, AskSecret(session, "GitHub token (it is not shown): "));
  secrets::EnvironmentSecrets typed({{"GITHUB_TOKENS", std::move(text)}});
  SG_TRY(TokenProviders read, collect::TokensFrom(typed, ""));
  if (read.size() == 1) return std::move(read.front());
  return Error(ErrorKind::kInvalidInput,
               read.empty() ? "there is no token on standard input" : "one token at a time")
      .Remedy("stargaze auth token add < FILE");
}

Status CheckAccepted(Session& session, const Source& source, const secrets::Secret& token) {
  SG_TRY(const net::HttpResponse response,
         AskLimits(*source.transport, source.base_url, token, session.environment().stop));
  const Finding finding = JudgeToken("the token " + token.Label(), response);
  session.err() << finding.detail << "\n";
  if (finding.health != Health::kFailed) return Ok();
  return Error(ErrorKind::kUnauthorized, "a token that is refused is not kept")
      .Remedy(finding.remedy);
}

Status AddToken(Session& session, const TokenOptions& options) {
  SG_TRY(const std::unique_ptr<Source> source, OpenSource(session));
  SG_TRY(const std::string file, TokenFile(session));
  SG_TRY(const std::string before, ReadTokens(file));
  SG_TRY(const std::unique_ptr<collect::TokenProvider> added, ReadToken(session));
  SG_TRY(const secrets::Secret token, added->Token(session.environment().stop));
  for (const auto& known : source->tokens) {
    if (known->identity() != added->identity()) continue;
    session.err() << fmt::format("the token {} is there already\n", token.Label());
    return Ok();
  }
  if (!options.offline) SG_RETURN_IF_ERROR(CheckAccepted(session, *source, token));
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  SG_RETURN_IF_ERROR(ReplaceFile(file, WithToken(before, token.Reveal()), kOwnerOnly));
  session.err() << fmt::format(
      "the token {} is kept in {}, which only you may read; a server uses it from its next start\n",
      token.Label(),
      file);
  return NameInSettings(session, file);
}

Status RemoveToken(Session& session, const TokenOptions& options) {
  SG_TRY(const std::string file, TokenFile(session));
  SG_TRY(const std::string before, ReadTokens(file));
  SG_TRY(const std::string after, WithoutToken(before, options.ending));
  SG_RETURN_IF_ERROR(ReplaceFile(file, after, kOwnerOnly));
  session.err() << fmt::format(
      "a token is removed from {}; a server uses it until its next start\n", file);
  return Ok();
}

}  // namespace

void AddAuthCommands(CLI::App& app, Session& session) {
  CLI::App* auth = app.add_subcommand("auth", "Tokens of GitHub");
  auth->require_subcommand(1);
  auth->add_subcommand("status",
                       "Each token: where it comes from, whether it is accepted, its limits")
      ->callback([&session] { session.action = &ShowStatus; });
  CLI::App* token = auth->add_subcommand("token", "Keep tokens in a file that only you may read");
  token->require_subcommand(1);
  auto options = std::make_shared<TokenOptions>();
  CLI::App* add = token->add_subcommand("add", "Keep one more, which is read from standard input");
  add->add_flag("--offline", options->offline, "Do not ask GitHub whether it accepts it");
  add->callback([&session, options] {
    session.action = [options](Session& s) { return AddToken(s, *options); };
  });
  CLI::App* remove = token->add_subcommand("remove", "Forget one");
  remove->add_option("ending", options->ending, "Its last four characters")->required();
  remove->callback([&session, options] {
    session.action = [options](Session& s) { return RemoveToken(s, *options); };
  });
}

}  // namespace stargaze::app
