// HTTP exchanges with GitHub that others have recorded, as text (the form of PyGithub's tests):
// eleven lines each.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"

namespace stargaze::collect::testing {

struct RecordedExchange {
  std::string method{};
  std::string target{};  // "/repos/o/n?page=2"
  net::Headers asked{};  // What the recorder sent; its credential was removed.
  int status = 0;
  net::Headers headers{};
  std::string body{};  // Decompressed.

  // Empty without one.
  std::string Answered(std::string_view header) const;
};

// All exchanges of a file, in their order. kNotFound without the file; kCorrupt when it has another
// form.
Result<std::vector<RecordedExchange>> ReadRecording(const std::string& path);

}  // namespace stargaze::collect::testing
