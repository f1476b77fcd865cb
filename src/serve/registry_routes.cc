#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
Membership: an interval in which a rule held
  rule string
  followed_from instant
  followed_to instant?  Null while it holds.

RepositoryState: what the source said last of a repository that was asked for by its id
  name string  present, renamed, transferred, not_found (also what became private), replaced (not found, and another repository has its name), gone (410), legal (451) or forbidden.
  since instant  When it was first said in a row.
  observed_at instant

FollowedRepository
  repository_id integer
  node_id string
  full_name string
  state RepositoryState?  Null when it has not been asked for yet.
  rules [Membership]

FollowedPage
  total integer
  page integer
  next_cursor string?  For the parameter cursor; null on the last page.
  rows [FollowedRepository]

NewRepository
  full_name* string
  node_id* string

NamedRepository
  repository_id integer
  full_name* string
  node_id* string

RuleList
  repositories [NamedRepository]

ReplaceCounts
  added integer
  removed integer
  kept integer
)";

const Parameter kId{"id", "integer", "GitHub's numeric id of the repository.", "1"};

}  // namespace

void AddRegistryRoutes(Router& router, RegistryApi& registry) {
  router.AddSchemas(kSchemas);
  const auto add = [&](Route route, auto handler) {
    route.tag = "Registry";
    router.Add(std::move(route), std::move(handler));
  };
  add({.method = "GET",
       .pattern = "/api/v1/repositories",
       .summary = "Which repositories are followed, by id, 100 a page.",
       .query = {{"rule", "string", "Only those that this rule follows.", "manual"},
                 {"at",
                  "string",
                  "As it was at this instant, or at the end of this UTC day.",
                  "2026-01-31"},
                 {"asof", "string", "The same as at."},
                 {"p", "integer", "Page, from 1."},
                 {"cursor", "string", "next_cursor of the page before, instead of p."}},
       .answer = "FollowedPage"},
      [&registry](const net::ServerRequest& r, const PathParameters&) { return registry.List(r); });
  add({.method = "GET",
       .pattern = "/api/v1/repositories/{id}",
       .summary = "One followed repository with its intervals.",
       .path = {kId},
       .answer = "FollowedRepository"},
      [&registry](const net::ServerRequest&, const PathParameters& p) {
        return registry.Get(p.at("id"));
      });
  add({.method = "PUT",
       .pattern = "/api/v1/repositories/{id}",
       .summary = "Follow a repository by the rule manual.",
       .path = {kId},
       .body = "NewRepository",
       .answer = "FollowedRepository",
       .role = Role::kOperator},
      [&registry](const net::ServerRequest& r, const PathParameters& p) {
        return registry.Put(r, p.at("id"));
      });
  add({.method = "DELETE",
       .pattern = "/api/v1/repositories/{id}",
       .summary = "Close the repository's manual interval.",
       .path = {kId},
       .role = Role::kOperator},
      [&registry](const net::ServerRequest&, const PathParameters& p) {
        return registry.Delete(p.at("id"));
      });
  add({.method = "PUT",
       .pattern = "/api/v1/rules/{rule}/repositories",
       .summary = "Replace a rule's whole list in one step.",
       .path = {{"rule", "string", "The rule's name.", "manual"}},
       .body = "RuleList",
       .answer = "ReplaceCounts",
       .role = Role::kOperator},
      [&registry](const net::ServerRequest& r, const PathParameters& p) {
        return registry.ReplaceRule(r, p.at("rule"));
      });
}

}  // namespace stargaze::serve
