// A repository as GitHub's REST API writes it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/world.h"

namespace stargaze::sandbox {

// What a GraphQL id looks like: a prefix for the type ("R": repository, "RE": release, "O", "U")
// and opaque letters that stand for the id. IdOfNode() gives nullopt for any other text.
std::string NodeId(std::string_view prefix, int64_t id);
std::optional<int64_t> IdOfNode(std::string_view prefix, std::string_view node_id);

// The owner's account, as it stands in repositories and releases.
void AppendOwnerObject(std::string& out, const RepositoryName& name, std::string_view api_url);

// Cheap enough to write pages of 100 repositories at several hundred MB/s: constant text between a
// few dozen holes.
class RepositoryWriter {
 public:
  // `api_url` is what every "url" of the answer begins with: "http://127.0.0.1:8080".
  explicit RepositoryWriter(std::string_view api_url) : api_url_(api_url) {}

  // As an item of a search: with score, about 5 kB.
  void AppendSearchItem(std::string& out, const Repository& repository) const;
  // As GET /repos/{owner}/{repo} gives it: with subscribers_count and network_count.
  void AppendDetail(std::string& out, const Repository& repository) const;

 private:
  void AppendFields(std::string& out,
                    const Repository& repository) const;  // Without the closing brace.

  std::string api_url_;
};

}  // namespace stargaze::sandbox
