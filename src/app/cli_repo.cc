#include <fmt/core.h>

#include <charconv>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace stargaze::app {
namespace {

struct RepoOptions {
  std::string repository{};
  std::string rule{};
  std::string at{};
  std::string full_name{};
  int64_t limit = 100;
};

// An id, owner/name or a URL that ends so. Names are looked up in what has been collected: a name
// is no identity.
Result<registry::RepositoryRef> Resolve(Instance& instance, const std::string& text) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size())
    return registry::RepositoryRef{.repository_id = id};
  std::string name = text;
  if (const std::size_t scheme = name.find("://"); scheme != std::string::npos) {
    const std::size_t path = name.find('/', scheme + 3);
    name = path == std::string::npos ? "" : name.substr(path + 1);
  }
  const std::vector<storage::SqlValue> parameters{name};
  SG_TRY(const storage::SqlRows rows,
         instance.warehouse->Query("SELECT repository_id, node_id, full_name FROM repository WHERE "
                                   "lower(full_name) = lower($1) "
                                   "ORDER BY observed_at DESC LIMIT 1",
                                   parameters));
  if (rows.empty()) {
    return Error(ErrorKind::kNotFound, fmt::format("no collected repository is called '{}'", name))
        .Remedy(
            "give its numeric id, with --name for its name: stargaze repo add 12345 --name "
            "owner/name");
  }
  return registry::RepositoryRef{.repository_id = rows.Integer(0, 0),
                                 .node_id = rows.Text(0, 1),
                                 .full_name = rows.Text(0, 2)};
}

Result<std::optional<Instant>> ParseAt(const std::string& text) {
  if (text.empty()) return std::optional<Instant>();
  if (const auto instant = ParseInstant(text)) return std::optional<Instant>(*instant);
  // A day means its end: what was followed by then.
  if (const auto day = ParseDay(text))
    return std::optional<Instant>(Instant(*day + std::chrono::days(1)) -
                                  std::chrono::microseconds(1));
  return Error(ErrorKind::kInvalidInput, "not a date: '" + text + "'")
      .Remedy("write --at 2026-01-31");
}

Status ListRepositories(Session& session, const RepoOptions& options) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const std::optional<Instant> at, ParseAt(options.at));
  registry::ListQuery query{.at = at, .limit = options.limit};
  if (!options.rule.empty()) query.rule = options.rule;
  SG_TRY(const registry::FollowedPage page, instance->registry->List(query));
  TableOutput table{
      .columns = {"repository_id", "full_name", "rules", "followed_from", "state", "state_since"}};
  for (const registry::FollowedRepository& row : page.rows) {
    std::string rules;
    std::optional<Instant> since;
    for (const registry::Membership& membership : row.memberships) {
      const bool holds = at ? membership.followed_from <= *at &&
                                  (!membership.followed_to || *membership.followed_to > *at)
                            : !membership.followed_to;
      if (!holds) continue;
      rules += (rules.empty() ? "" : ", ") + membership.rule;
      since = since ? std::min(*since, membership.followed_from) : membership.followed_from;
    }
    table.rows.push_back({row.repository.repository_id,
                          row.repository.full_name,
                          rules,
                          since ? storage::SqlValue(*since) : storage::SqlValue(),
                          row.state ? storage::SqlValue(row.state->name) : storage::SqlValue(),
                          row.state ? storage::SqlValue(row.state->since) : storage::SqlValue()});
  }
  session.Print(table);
  if (page.total > static_cast<int64_t>(page.rows.size())) {
    session.err() << fmt::format(
        "{} of {} repositories; --limit shows more\n", page.rows.size(), page.total);
  }
  return Ok();
}

Status AddRepository(Session& session, const RepoOptions& options) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(registry::RepositoryRef repository, Resolve(*instance, options.repository));
  if (!options.full_name.empty()) repository.full_name = options.full_name;
  if (!session.dry_run) {
    SG_RETURN_IF_ERROR(instance->registry->Follow(std::string(registry::kManualRule), repository));
  }
  session.err() << fmt::format("{} {} {}\n",
                               session.dry_run ? "would follow" : "following",
                               repository.repository_id,
                               repository.full_name);
  return Ok();
}

Status RemoveRepository(Session& session, const RepoOptions& options) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const registry::RepositoryRef repository, Resolve(*instance, options.repository));
  if (!session.dry_run)
    SG_RETURN_IF_ERROR(
        instance->registry->Unfollow(std::string(registry::kManualRule), repository.repository_id));
  session.err() << fmt::format("{} {} by hand\n",
                               session.dry_run ? "would no longer follow" : "no longer following",
                               repository.repository_id);
  return Ok();
}

}  // namespace

void AddRepoCommands(CLI::App& app, Session& session) {
  auto options = std::make_shared<RepoOptions>();
  const auto run = [&session, options](Status (*command)(Session&, const RepoOptions&)) {
    return [&session, options, command] {
      session.needs_instance = true;
      session.action = [options, command](Session& s) { return command(s, *options); };
    };
  };
  CLI::App* repo = app.add_subcommand("repo", "Repositories that are followed");
  repo->require_subcommand(1);
  CLI::App* list = repo->add_subcommand("list", "List what is followed, or was");
  list->add_option("--rule", options->rule, "Only by this rule, as in manual or search_stars");
  list->add_option("--at", options->at, "As it was then")->type_name("DATE");
  list->add_option("--limit", options->limit, "Rows at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  list->callback(run(&ListRepositories));
  CLI::App* add = repo->add_subcommand("add", "Follow a repository by hand");
  add->add_option("repository", options->repository, "Id, owner/name or URL")->required();
  add->add_option(
      "--name", options->full_name, "owner/name, for an id that has not been collected yet");
  AddDryRunFlag(*add, session);
  add->callback(run(&AddRepository));
  CLI::App* remove = repo->add_subcommand("remove", "Stop following a repository by hand");
  remove->add_option("repository", options->repository, "Id, owner/name or URL")->required();
  AddDryRunFlag(*remove, session);
  remove->callback(run(&RemoveRepository));
}

}  // namespace stargaze::app
