#include "serve/static_files.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/crc32c.h"

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

bool Accepts(const net::ServerRequest& request, std::string_view coding) {
  return request.headers.Find("accept-encoding").value_or("").find(coding) !=
         std::string_view::npos;
}

}  // namespace

StaticFiles::StaticFiles(std::span<const EmbeddedFile> files, std::string_view folder) {
  for (const EmbeddedFile& file : files) {
    if (file.path.starts_with(folder))
      files_.emplace("/" + std::string(file.path.substr(folder.size())), file.bytes);
  }
}

net::HttpResponse StaticFiles::Respond(const net::ServerRequest& request) const {
  std::string path = request.path == "/" ? "/index.html" : request.path;
  auto found = files_.find(path);
  if (found == files_.end() && path.find('.') == std::string::npos) {
    path = "/index.html";  // A page of the application, which finds its way by the URL.
    found = files_.find(path);
  }
  if (found == files_.end()) return {.status = 404};
  const std::string etag = fmt::format("\"{:08x}\"", Crc32c(found->second));
  net::HttpResponse response{.status = 200};
  response.headers.Add("content-type", MediaTypeOf(path));
  response.headers.Add("etag", etag);
  response.headers.Add("vary", "accept-encoding");
  const bool hashed = path.starts_with("/assets/");
  response.headers.Add("cache-control",
                       hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.headers.Find("if-none-match") == etag) {
    response.status = 304;
    return response;
  }
  for (const auto& [coding, ending] : {std::pair("br", ".br"), std::pair("gzip", ".gz")}) {
    const auto packed = files_.find(path + ending);
    if (packed == files_.end() || !Accepts(request, coding)) continue;
    response.headers.Add("content-encoding", coding);
    response.body = packed->second;
    return response;
  }
  response.body = found->second;
  return response;
}

}  // namespace stargaze::serve
