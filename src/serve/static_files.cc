#include "serve/static_files.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/crc32c.h"
#include "serve/negotiation.h"

namespace stargaze::serve {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kMediaTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string_view MediaTypeOf(std::string_view path) {
  for (const auto& [ending, type] : kMediaTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace

StaticFiles::StaticFiles(std::span<const EmbeddedFile> files, std::string_view folder) {
  for (const EmbeddedFile& file : files) {
    if (!file.path.starts_with(folder)) continue;
    files_.emplace(
        "/" + std::string(file.path.substr(folder.size())),
        File{.bytes = file.bytes, .etag = fmt::format("\"{:08x}\"", Crc32c(file.bytes))});
  }
}

net::ServerResponse StaticFiles::Respond(const net::ServerRequest& request) const {
  std::string path = request.path == "/" ? "/index.html" : request.path;
  auto found = files_.find(path);
  if (found == files_.end() && path.find('.') == std::string::npos) {
    path = "/index.html";  // A page of the application, which finds its way by the URL.
    found = files_.find(path);
  }
  if (found == files_.end()) return net::HttpResponse{.status = 404};
  std::string coding;
  const File* chosen = &found->second;
  const std::string_view accepted = request.headers.Find("accept-encoding").value_or("");
  for (const auto& [name, ending] : {std::pair("br", ".br"), std::pair("gzip", ".gz")}) {
    const auto packed = files_.find(path + ending);
    if (packed == files_.end() || !AcceptsCoding(accepted, name)) continue;
    coding = name;
    chosen = &packed->second;
    break;
  }
  net::ServerResponse response(net::HttpResponse{.status = 200});
  net::Headers& headers = response.answer.headers;
  headers.Add("content-type", MediaTypeOf(path));
  headers.Add("etag", chosen->etag);
  headers.Add("vary", "accept-encoding");
  headers.Add("cache-control",
              path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  if (!coding.empty()) headers.Add("content-encoding", coding);
  if (MatchesTag(request.headers.Find("if-none-match").value_or(""), chosen->etag)) {
    response.answer.status = 304;
  } else {
    response.fixed_body = chosen->bytes;
  }
  return response;
}

}  // namespace stargaze::serve
