// Errors over HTTP: application/problem+json (RFC 9457), with what to do.

#pragma once

#include <string>

#include "base/error.h"
#include "net/http_client.h"

namespace stargaze::serve {

net::HttpResponse ProblemResponse(const Error& error, const std::string& request_id);
// The same with a status that no ErrorKind has (405, 421).
net::HttpResponse ProblemResponse(int status, const Error& error, const std::string& request_id);

net::HttpResponse JsonResponse(std::string body);
net::HttpResponse TextResponse(std::string body, std::string_view content_type);

}  // namespace stargaze::serve
