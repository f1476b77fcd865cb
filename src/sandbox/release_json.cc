#include "sandbox/release_json.h"

#include <fmt/format.h>

#include <iterator>

#include "sandbox/json_text.h"
#include "sandbox/repository_json.h"

namespace stargaze::sandbox {

void AppendRelease(std::string& out,
                   const Release& release,
                   const RepositoryName& repository,
                   std::string_view api_url) {
  const std::string url = fmt::format("{}/repos/{}", api_url, repository.full_name);
  const std::string tag = release.Tag();  // Letters, digits, '.' and '-': needs no escape.
  fmt::format_to(std::back_inserter(out),
                 R"({{"url":"{0}/releases/{1}","assets_url":"{0}/releases/{1}/assets",)"
                 R"("upload_url":"{0}/releases/{1}/assets{{?name,label}}",)"
                 R"("html_url":"https://github.example/{2}/releases/tag/{3}","id":{1},"author":)",
                 url,
                 release.id,
                 repository.full_name,
                 tag);
  AppendOwnerObject(out, repository, api_url);
  fmt::format_to(std::back_inserter(out),
                 R"(,"node_id":"{}","tag_name":"{}","target_commitish":"main","name":)",
                 NodeId("RE", release.id),
                 tag);
  AppendJsonText(out, std::string_view(release.Name()));
  fmt::format_to(
      std::back_inserter(out),
      R"(,"draft":false,"immutable":false,"prerelease":{},"created_at":"{}","updated_at":"{}",)"
      R"("published_at":"{}","assets":[],"tarball_url":"{}/tarball/{}","zipball_url":"{}/zipball/{}","body":)",
      release.prerelease,
      FormatInstantSeconds(release.created_at),
      FormatInstantSeconds(release.updated_at),
      FormatInstantSeconds(release.published_at),
      url,
      tag,
      url,
      tag);
  AppendJsonText(out, std::string_view(release.Body()));
  out += '}';
}

void AddRelease(ContentTag& tag, const Release& release) {
  tag.Add(release.id);  // All else follows from the id, but for what an edit changes.
  tag.Add(uint64_t{release.edited ? 1U : 0U});
}

}  // namespace stargaze::sandbox
