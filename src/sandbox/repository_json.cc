#include "sandbox/repository_json.h"

#include <algorithm>

#include "sandbox/json_text.h"

namespace stargaze::sandbox {
namespace {

// Web addresses use a reserved domain, so that no link of the simulation leads to a real page.
constexpr std::string_view kWeb = "github.example";

// Dollar signs stand for the owner's API address.
constexpr std::string_view kOwnerUrls =
    R"("url":"$","followers_url":"$/followers","following_url":"$/following{/other_user}",)"
    R"("gists_url":"$/gists{/gist_id}","starred_url":"$/starred{/owner}{/repo}","subscriptions_url":"$/subscriptions",)"
    R"("organizations_url":"$/orgs","repos_url":"$/repos","events_url":"$/events{/privacy}",)"
    R"("received_events_url":"$/received_events",)";

// Dollar signs stand for the repository's API address.
constexpr std::string_view kRepositoryUrls =
    R"("url":"$","forks_url":"$/forks","keys_url":"$/keys{/key_id}","collaborators_url":"$/collaborators{/collaborator}",)"
    R"("teams_url":"$/teams","hooks_url":"$/hooks","issue_events_url":"$/issues/events{/number}","events_url":"$/events",)"
    R"("assignees_url":"$/assignees{/user}","branches_url":"$/branches{/branch}","tags_url":"$/tags",)"
    R"("blobs_url":"$/git/blobs{/sha}","git_tags_url":"$/git/tags{/sha}","git_refs_url":"$/git/refs{/sha}",)"
    R"("trees_url":"$/git/trees{/sha}","statuses_url":"$/statuses/{sha}","languages_url":"$/languages",)"
    R"("stargazers_url":"$/stargazers","contributors_url":"$/contributors","subscribers_url":"$/subscribers",)"
    R"("subscription_url":"$/subscription","commits_url":"$/commits{/sha}","git_commits_url":"$/git/commits{/sha}",)"
    R"("comments_url":"$/comments{/number}","issue_comment_url":"$/issues/comments{/number}",)"
    R"("contents_url":"$/contents/{+path}","compare_url":"$/compare/{base}...{head}","merges_url":"$/merges",)"
    R"("archive_url":"$/{archive_format}{/ref}","downloads_url":"$/downloads","issues_url":"$/issues{/number}",)"
    R"("pulls_url":"$/pulls{/number}","milestones_url":"$/milestones{/number}",)"
    R"("notifications_url":"$/notifications{?since,all,participating}","labels_url":"$/labels{/name}",)"
    R"("releases_url":"$/releases{/id}","deployments_url":"$/deployments",)";

constexpr std::string_view kNodeIdMark = "_kgDO";
constexpr std::string_view kNodeIdLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kNodeIdLettersCount = 9;  // 54 bits.

void AppendAll(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) out += part;
}

void AppendFilled(std::string& out, std::string_view text, std::string_view hole) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$')) {
    out += text.substr(0, at);
    out += hole;
    text.remove_prefix(at + 1);
  }
  out += text;
}

void AppendField(std::string& out, std::string_view key, int64_t value) {
  AppendAll(out, {"\"", key, "\":"});
  AppendNumber(out, value);
  out += ',';
}

void AppendField(std::string& out, std::string_view key, bool value) {
  AppendAll(out, {"\"", key, value ? "\":true," : "\":false,"});
}

void AppendField(std::string& out, std::string_view key, const std::optional<std::string>& value) {
  AppendAll(out, {"\"", key, "\":"});
  AppendJsonText(out, value);
  out += ',';
}

void AppendField(std::string& out, std::string_view key, Instant value) {
  AppendAll(out, {"\"", key, "\":\"", FormatInstantSeconds(value), "\","});
}

void AppendNodeId(std::string& out, std::string_view prefix, int64_t id) {
  AppendAll(out, {"\"node_id\":\"", NodeId(prefix, id), "\","});
}

void AppendOwner(std::string& out, const RepositoryName& name, std::string_view api_url) {
  AppendAll(out, {"{\"login\":\"", name.owner, "\","});
  AppendField(out, "id", name.owner_id);
  AppendNodeId(out, name.owner_is_organization ? "O" : "U", name.owner_id);
  out += R"("avatar_url":"https://avatars.github.example/u/)";
  AppendNumber(out, name.owner_id);
  AppendAll(out, {R"(?v=4","gravatar_id":"","html_url":"https://)", kWeb, "/", name.owner, "\","});
  std::string user_url(api_url);
  AppendAll(user_url, {"/users/", name.owner});
  AppendFilled(out, kOwnerUrls, user_url);
  AppendAll(out,
            {R"("type":")",
             name.owner_is_organization ? "Organization" : "User",
             R"(","user_view_type":"public","site_admin":false})"});
}

void AppendGitUrls(std::string& out, std::string_view full_name) {
  AppendAll(out,
            {R"("git_url":"git://)",
             kWeb,
             "/",
             full_name,
             R"(.git","ssh_url":"git@)",
             kWeb,
             ":",
             full_name,
             R"(.git","clone_url":"https://)",
             kWeb,
             "/",
             full_name,
             R"(.git","svn_url":"https://)",
             kWeb,
             "/",
             full_name,
             "\","});
}

void AppendLicense(std::string& out, const License* license, std::string_view api_url) {
  if (license == nullptr) {
    out += R"("license":null,)";
    return;
  }
  AppendAll(out, {R"("license":{"key":")", license->key, R"(","name":)"});
  AppendJsonText(out, license->name);
  AppendAll(out, {R"(,"spdx_id":")", license->spdx_id, R"(","url":)"});
  if (license->has_page) {
    AppendAll(out, {"\"", api_url, "/licenses/", license->key, "\""});
  } else {
    out += "null";
  }
  AppendAll(out, {R"(,"node_id":"L_)", license->key, R"("},)"});
}

void AppendTopics(std::string& out, const std::vector<std::string>& topics) {
  out += R"("topics":[)";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonText(out, std::string_view(topics[i]));
  }
  out += "],";
}

void AppendCounts(std::string& out, const Repository& repository) {
  const RepositoryProfile& profile = *repository.profile;
  AppendField(out, "size", profile.size_kilobytes);
  AppendField(out, "stargazers_count", repository.stars);
  AppendField(out, "watchers_count", repository.stars);
  AppendField(out, "language", profile.language);
  out +=
      R"("has_issues":true,"has_projects":true,"has_downloads":true,"has_wiki":true,"has_pages":false,)"
      R"("has_discussions":false,)";
  AppendField(out, "forks_count", repository.forks);
  out += R"("mirror_url":null,)";
  AppendField(out, "archived", repository.archived);
  AppendField(out, "disabled", false);
  AppendField(out, "open_issues_count", repository.open_issues);
}

}  // namespace

std::string NodeId(std::string_view prefix, int64_t id) {
  std::string text(prefix);
  text += kNodeIdMark;
  for (std::size_t i = 0; i < kNodeIdLettersCount; ++i, id >>= 6U)
    text += kNodeIdLetters[static_cast<std::size_t>(id & 63)];
  return text;
}

std::optional<int64_t> IdOfNode(std::string_view prefix, std::string_view node_id) {
  const std::size_t begin = prefix.size() + kNodeIdMark.size();
  const bool fits = node_id.size() == begin + kNodeIdLettersCount && node_id.starts_with(prefix) &&
                    node_id.substr(prefix.size(), kNodeIdMark.size()) == kNodeIdMark;
  if (!fits) return std::nullopt;
  int64_t id = 0;
  for (std::size_t i = kNodeIdLettersCount; i > 0; --i) {
    const std::size_t digit = kNodeIdLetters.find(node_id[begin + i - 1]);
    if (digit == std::string_view::npos) return std::nullopt;
    id = (id << 6U) | static_cast<int64_t>(digit);
  }
  return id;
}

void AppendOwnerObject(std::string& out, const RepositoryName& name, std::string_view api_url) {
  AppendOwner(out, name, api_url);
}

void RepositoryWriter::AppendFields(std::string& out, const Repository& repository) const {
  const RepositoryProfile& profile = *repository.profile;
  const RepositoryName& name = *repository.name;
  out += '{';
  AppendField(out, "id", profile.id);
  AppendNodeId(out, "R", profile.id);
  AppendAll(out,
            {R"("name":")",
             name.name,
             R"(","full_name":")",
             name.full_name,
             R"(","private":false,"owner":)"});
  AppendOwner(out, name, api_url_);
  AppendAll(out, {R"(,"html_url":"https://)", kWeb, "/", name.full_name, "\","});
  AppendField(out, "description", profile.description);
  AppendField(out, "fork", false);
  std::string repository_url = api_url_;
  AppendAll(repository_url, {"/repos/", name.full_name});
  AppendFilled(out, kRepositoryUrls, repository_url);
  AppendField(out, "created_at", profile.created_at);
  AppendField(out, "updated_at", repository.updated_at);
  AppendField(out, "pushed_at", repository.pushed_at);
  AppendGitUrls(out, name.full_name);
  AppendField(out, "homepage", profile.homepage);
  AppendCounts(out, repository);
  AppendLicense(out, profile.license, api_url_);
  out += R"("allow_forking":true,"is_template":false,"web_commit_signoff_required":false,)";
  AppendTopics(out, profile.topics);
  out += R"("visibility":"public",)";
  AppendField(out, "forks", repository.forks);
  AppendField(out, "open_issues", repository.open_issues);
  AppendField(out, "watchers", repository.stars);
  AppendAll(
      out,
      {R"("default_branch":")",
       profile.default_branch,
       R"(","permissions":{"admin":false,"maintain":false,"push":false,"triage":false,"pull":true},)"});
}

void RepositoryWriter::AppendSearchItem(std::string& out, const Repository& repository) const {
  AppendFields(out, repository);
  out += R"("score":1.0})";
}

void RepositoryWriter::AppendDetail(std::string& out, const Repository& repository) const {
  AppendFields(out, repository);
  AppendField(out, "network_count", repository.forks);
  AppendField(out, "subscribers_count", SubscribersOf(repository));
  out.back() = '}';
}

}  // namespace stargaze::sandbox
