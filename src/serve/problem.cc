#include "serve/problem.h"

#include <boost/json.hpp>

namespace stargaze::serve {

net::HttpResponse ProblemResponse(int status, const Error& error, const std::string& request_id) {
  const std::string_view code = TraitsOf(error.kind()).name;
  boost::json::object problem{{"type", "about:blank"},
                              {"title", code},
                              {"status", status},
                              {"detail", error.message()},
                              {"remedy", error.remedy()},
                              {"code", code},
                              {"request_id", request_id}};
  net::HttpResponse response{.status = status};
  response.headers.Add("content-type", "application/problem+json");
  response.headers.Add("cache-control", "no-store");
  if (const auto delay = error.retry_after())
    response.headers.Add("retry-after", std::to_string(delay->count()));
  response.body = boost::json::serialize(problem);
  return response;
}

net::HttpResponse ProblemResponse(const Error& error, const std::string& request_id) {
  return ProblemResponse(TraitsOf(error.kind()).http_status, error, request_id);
}

net::HttpResponse TextResponse(std::string body, std::string_view content_type) {
  net::HttpResponse response{.status = 200};
  response.headers.Add("content-type", content_type);
  response.body = std::move(body);
  return response;
}

net::HttpResponse JsonResponse(std::string body) {
  net::HttpResponse response = TextResponse(std::move(body), "application/json");
  response.headers.Add("cache-control", "no-cache");
  return response;
}

}  // namespace stargaze::serve
