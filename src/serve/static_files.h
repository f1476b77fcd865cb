// The dashboard's files, out of the binary.

#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/embedded_files.h"
#include "net/http_server.h"

namespace stargaze::serve {

// Safe for concurrent use.
class StaticFiles {
 public:
  // Takes those below `folder` ("web/dist/").
  StaticFiles(std::span<const EmbeddedFile> files, std::string_view folder);

  // The file at the path, precompressed where the client takes it; the page itself for a path of
  // the page's own (no dot in it); 404 otherwise.
  net::ServerResponse Respond(const net::ServerRequest& request) const;

 private:
  struct File {
    std::string_view bytes{};
    std::string etag{};
  };
  std::map<std::string, File, std::less<>> files_;  // By "/index.html".
};

}  // namespace stargaze::serve
