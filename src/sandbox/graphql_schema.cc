#include "sandbox/graphql_schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sandbox/json_text.h"
#include "sandbox/repository_json.h"

namespace stargaze::sandbox::graphql {
namespace {

void Text(std::string& out, std::string_view text) {
  AppendJsonText(out, text);
}

void Bool(std::string& out, bool value) {
  out += value ? "true" : "false";
}

void When(std::string& out, Instant instant) {
  Text(out, FormatInstantSeconds(instant));
}

std::string WebUrl(const Object& object) {
  return fmt::format("https://github.example/{}", object.repository->name->full_name);
}

constexpr std::string_view kPaging = " first last after before orderBy ";

using Out = std::string;
using Of = const Object;

// clang-format off
constexpr auto kFields = std::to_array<FieldSpec>({
    {Type::kQuery, "repository", Type::kRepository, nullptr, " owner name followRenames "},
    {Type::kQuery, "nodes", Type::kRepository, nullptr, " ids "},
    {Type::kQuery, "node", Type::kRepository, nullptr, " id "},
    {Type::kQuery, "rateLimit", Type::kRateLimit, nullptr, " dryRun "},

    {Type::kRateLimit, "limit", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.rate->limit); }},
    {Type::kRateLimit, "cost", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.rate->cost); }},
    {Type::kRateLimit, "remaining", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.rate->remaining); }},
    {Type::kRateLimit, "used", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.rate->used); }},
    {Type::kRateLimit, "nodeCount", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.rate->node_count); }},
    {Type::kRateLimit, "resetAt", Type::kScalar, [](Out& o, Of& x) { When(o, Instant(std::chrono::seconds(x.rate->reset_seconds))); }},

    {Type::kRepository, "id", Type::kScalar, [](Out& o, Of& x) { Text(o, NodeId("R", x.repository->profile->id)); }},
    {Type::kRepository, "databaseId", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.repository->profile->id); }},
    {Type::kRepository, "fullDatabaseId", Type::kScalar, [](Out& o, Of& x) { Text(o, fmt::format("{}", x.repository->profile->id)); }},
    {Type::kRepository, "name", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->name->name); }},
    {Type::kRepository, "nameWithOwner", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->name->full_name); }},
    {Type::kRepository, "url", Type::kScalar, [](Out& o, Of& x) { Text(o, WebUrl(x)); }},
    {Type::kRepository, "description", Type::kScalar, [](Out& o, Of& x) { AppendJsonText(o, x.repository->profile->description); }},
    {Type::kRepository, "homepageUrl", Type::kScalar, [](Out& o, Of& x) { AppendJsonText(o, x.repository->profile->homepage); }},
    {Type::kRepository, "stargazerCount", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.repository->stars); }},
    {Type::kRepository, "forkCount", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.repository->forks); }},
    {Type::kRepository, "diskUsage", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.repository->profile->size_kilobytes); }},
    {Type::kRepository, "isArchived", Type::kScalar, [](Out& o, Of& x) { Bool(o, x.repository->archived); }},
    {Type::kRepository, "isPrivate", Type::kScalar, [](Out& o, Of&) { Bool(o, false); }},
    {Type::kRepository, "isFork", Type::kScalar, [](Out& o, Of&) { Bool(o, false); }},
    {Type::kRepository, "isDisabled", Type::kScalar, [](Out& o, Of&) { Bool(o, false); }},
    {Type::kRepository, "isTemplate", Type::kScalar, [](Out& o, Of&) { Bool(o, false); }},
    {Type::kRepository, "visibility", Type::kScalar, [](Out& o, Of&) { Text(o, "PUBLIC"); }},
    {Type::kRepository, "createdAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.repository->profile->created_at); }},
    {Type::kRepository, "updatedAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.repository->updated_at); }},
    {Type::kRepository, "pushedAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.repository->pushed_at); }},
    {Type::kRepository, "owner", Type::kOwner},
    {Type::kRepository, "licenseInfo", Type::kLicense},
    {Type::kRepository, "primaryLanguage", Type::kLanguage},
    {Type::kRepository, "watchers", Type::kCounted, nullptr, kPaging, true},
    {Type::kRepository, "stargazers", Type::kCounted, nullptr, kPaging, true},
    {Type::kRepository, "forks", Type::kCounted, nullptr, kPaging, true},
    {Type::kRepository, "issues", Type::kCounted, nullptr, " states first last after before orderBy labels filterBy ", true},
    {Type::kRepository, "pullRequests", Type::kCounted, nullptr, " states first last after before orderBy labels ", true},
    {Type::kRepository, "releases", Type::kReleaseConnection, nullptr, kPaging, true},

    {Type::kOwner, "login", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->name->owner); }},
    {Type::kOwner, "id", Type::kScalar, [](Out& o, Of& x) { Text(o, NodeId(x.repository->name->owner_is_organization ? "O" : "U", x.repository->name->owner_id)); }},
    {Type::kLicense, "key", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->profile->license->key); }},
    {Type::kLicense, "name", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->profile->license->name); }},
    {Type::kLicense, "spdxId", Type::kScalar, [](Out& o, Of& x) { Text(o, x.repository->profile->license->spdx_id); }},
    {Type::kLanguage, "name", Type::kScalar, [](Out& o, Of& x) { AppendJsonText(o, x.repository->profile->language); }},

    {Type::kCounted, "totalCount", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.count); }},
    {Type::kReleaseConnection, "totalCount", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.count); }},
    {Type::kReleaseConnection, "nodes", Type::kRelease},
    {Type::kReleaseConnection, "edges", Type::kReleaseEdge},
    {Type::kReleaseConnection, "pageInfo", Type::kPageInfo},
    {Type::kReleaseEdge, "cursor", Type::kScalar, [](Out& o, Of& x) { Text(o, CursorOf(x.offset)); }},
    {Type::kReleaseEdge, "node", Type::kRelease},
    {Type::kPageInfo, "hasNextPage", Type::kScalar, [](Out& o, Of& x) { Bool(o, x.offset + static_cast<int64_t>(x.window.size()) < x.count); }},
    {Type::kPageInfo, "hasPreviousPage", Type::kScalar, [](Out& o, Of& x) { Bool(o, x.offset > 0); }},
    {Type::kPageInfo, "startCursor", Type::kScalar, [](Out& o, Of& x) { x.window.empty() ? static_cast<void>(o += "null") : Text(o, CursorOf(x.offset)); }},
    {Type::kPageInfo, "endCursor", Type::kScalar, [](Out& o, Of& x) { x.window.empty() ? static_cast<void>(o += "null") : Text(o, CursorOf(x.offset + static_cast<int64_t>(x.window.size()) - 1)); }},
    {Type::kRelease, "id", Type::kScalar, [](Out& o, Of& x) { Text(o, NodeId("RE", x.release->id)); }},
    {Type::kRelease, "databaseId", Type::kScalar, [](Out& o, Of& x) { AppendNumber(o, x.release->id); }},
    {Type::kRelease, "tagName", Type::kScalar, [](Out& o, Of& x) { Text(o, x.release->Tag()); }},
    {Type::kRelease, "name", Type::kScalar, [](Out& o, Of& x) { Text(o, x.release->Name()); }},
    {Type::kRelease, "description", Type::kScalar, [](Out& o, Of& x) { Text(o, x.release->Body()); }},
    {Type::kRelease, "isPrerelease", Type::kScalar, [](Out& o, Of& x) { Bool(o, x.release->prerelease); }},
    {Type::kRelease, "isDraft", Type::kScalar, [](Out& o, Of&) { Bool(o, false); }},
    {Type::kRelease, "createdAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.release->created_at); }},
    {Type::kRelease, "publishedAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.release->published_at); }},
    {Type::kRelease, "updatedAt", Type::kScalar, [](Out& o, Of& x) { When(o, x.release->updated_at); }},
});
// clang-format on

constexpr std::string_view kCursorMark = "release:";

}  // namespace

const FieldSpec* FindField(Type parent, std::string_view name) {
  const auto* found = std::ranges::find_if(kFields, [&](const FieldSpec& field) {
    return field.parent == parent && field.name == name;
  });
  return found == kFields.end() ? nullptr : found;
}

std::string_view TypeName(Type type) {
  constexpr std::array<std::string_view, 12> kNames = {"Scalar",
                                                       "Query",
                                                       "Repository",
                                                       "RepositoryOwner",
                                                       "License",
                                                       "Language",
                                                       "Connection",
                                                       "ReleaseConnection",
                                                       "ReleaseEdge",
                                                       "Release",
                                                       "PageInfo",
                                                       "RateLimit"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string CursorOf(int64_t position) {
  return fmt::format("{}{}", kCursorMark, position);
}

int64_t PositionOf(std::string_view cursor) {
  if (!cursor.starts_with(kCursorMark)) return -1;
  cursor.remove_prefix(kCursorMark.size());
  int64_t position = -1;
  const auto [end, code] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), position);
  return code == std::errc{} && end == cursor.data() + cursor.size() && position >= 0 ? position
                                                                                      : -1;
}

}  // namespace stargaze::sandbox::graphql
