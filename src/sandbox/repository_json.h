// A repository as GitHub's REST API writes it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world.h"

namespace stargaze::sandbox {

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
