// Tokens of GitHub: what there are and what they are good for, and the file that keeps them.

#include <fmt/core.h>

#include <algorithm>
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
  std::unique_ptr<net::HttpTransport> transport{};
};

Result<Source> OpenSource(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declared, session.Declared());
  Source source{.base_url = GithubBaseUrl(*settings, declared.catalog)};
  SG_TRY(source.transport,
         net::CurlTransport::Create({.user_agent = "stargaze-auth",
                                     .proxy = net::ProxyFrom(session.environment().variables)}));
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

std::vector<SqlValue> StatusRow(const std::string& origin, const Standing& standing) {
  std::vector<SqlValue> row{standing.label,
                            origin,
                            std::string(NameOf(standing.finding.health)),
                            standing.finding.detail,
                            standing.finding.remedy};
  for (const char* resource : {"core", "graphql"})
    for (SqlValue& cell : LimitCells(standing.limits, resource)) row.push_back(std::move(cell));
  return row;
}

void NoteWhatIsUsed(Session& session, const config::Settings& settings, bool has_tokens) {
  if (!has_tokens)
    session.err() << "no token: GitHub allows 60 requests an hour and no GraphQL; stargaze auth "
                     "token add keeps one\n";
  const Result<FolderIdentity> identity = DataFolder::ReadIdentity(settings.Text("home"));
  if (identity.ok() && identity.value().sandbox)
    session.err() << "the data folder is a sandbox's: no token of the settings is used there\n";
}

Status ShowStatus(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Source source, OpenSource(session));
  SystemClock clock;
  collect::Governor governor(clock);
  SG_TRY(const TokenProviders tokens,
         OpenTokens(*settings,
                    {.base_url = source.base_url, .token = settings->Text("github.token")},
                    *source.transport,
                    governor,
                    clock));
  const std::vector<std::string> numbers{"requests_left",
                                         "requests_limit",
                                         "requests_reset_at",
                                         "points_left",
                                         "points_limit",
                                         "points_reset_at"};
  TableOutput table{.columns = {"token", "from", "state", "detail", "remedy"}, .more = numbers};
  table.columns.insert(table.columns.end(), numbers.begin(), numbers.end());
  for (const auto& provider : tokens) {
    const Standing standing = StandingOf(session, source, *provider);
    table.rows.push_back(StatusRow(OriginOf(*settings, *provider), standing));
    if (standing.finding.health == Health::kSkipped && session.exit_code == 0)
      session.exit_code = TraitsOf(ErrorKind::kUnavailable).exit_code;
    if (standing.finding.health == Health::kFailed) session.exit_code = kCheckFailedCode;
  }
  NoteWhatIsUsed(session, *settings, !tokens.empty());
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

// One token, in the form that requests carry.
Result<secrets::Secret> ReadToken(Session& session, const std::string& base_url) {
  SG_TRY(const std::string text,
         AskSecret(session, fmt::format("GitHub token for {} (it is not shown): ", base_url)));
  const std::vector<std::string> tokens = TokensOf(text);
  if (tokens.size() != 1)
    return Error(ErrorKind::kInvalidInput,
                 tokens.empty() ? "there is no token on standard input"
                                : fmt::format("{} tokens: one at a time", tokens.size()))
        .Remedy("stargaze auth token add < FILE");
  secrets::EnvironmentSecrets typed({{"GITHUB_TOKENS", tokens.front()}});
  SG_TRY(const TokenProviders read, collect::TokensFrom(typed, ""));
  if (read.size() == 1) return read.front()->Token(session.environment().stop);
  return Error(ErrorKind::kInvalidInput, "that is no token: a comma stands in it");
}

Status CheckAccepted(Session& session, const Source& source, const secrets::Secret& token) {
  SG_TRY(const net::HttpResponse response,
         AskLimits(*source.transport, source.base_url, token, session.environment().stop));
  const Finding finding =
      JudgeToken(fmt::format("{}: the token {}", source.base_url, token.Label()), response);
  if (finding.health == Health::kFailed)
    return Error(ErrorKind::kUnauthorized, finding.detail + ", and is not kept")
        .Remedy(finding.remedy);
  if (finding.health == Health::kSkipped)
    return Error(ErrorKind::kUnavailable, finding.detail + ", and is not kept")
        .Remedy("try again, or keep it unasked: --offline");
  session.err() << finding.detail << "\n";
  return Ok();
}

Status KeepToken(Session& session, const std::string& file, const secrets::Secret& token) {
  SG_TRY(const std::string before, ReadTokens(file));
  const std::vector<std::string> known = TokensOf(before);
  if (std::ranges::find(known, token.Reveal()) != known.end()) {
    session.err() << fmt::format("the token {} is in {} already\n", token.Label(), file);
    return Ok();
  }
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  SG_RETURN_IF_ERROR(ReplaceFile(file, WithToken(before, token.Reveal()), kOwnerOnly));
  session.err() << fmt::format(
      "the token {} is kept in {}, which only you may read; a server uses it from its next start\n",
      token.Label(),
      file);
  return Ok();
}

Status AddToken(Session& session, const TokenOptions& options) {
  SG_TRY(const Source source, OpenSource(session));
  SG_TRY(const std::string file, TokenFile(session));
  SG_TRY(const secrets::Secret token, ReadToken(session, source.base_url));
  if (!options.offline) SG_RETURN_IF_ERROR(CheckAccepted(session, source, token));
  SG_RETURN_IF_ERROR(KeepToken(session, file, token));
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
