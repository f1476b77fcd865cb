// Which handler answers a method and a path, and what the API's document says about it: one table
// for both.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http_server.h"

namespace stargaze::serve {

// Parts of the path that the pattern names: {id} → "7".
using PathParameters = std::map<std::string, std::string>;
using RouteHandler =
    std::function<Result<net::ServerResponse>(const net::ServerRequest&, const PathParameters&)>;

// What a caller must be; each may do what those before it may. kAnyone is for what must answer
// before anybody has logged in.
enum class Role { kAnyone, kViewer, kOperator, kAdmin };

// What an answer depends on, and so how its ETag is made.
enum class Tagged {
  kByContent,      // Of the answer's bytes, once they are there.
  kByPublication,  // Of the publication and the request: a 304 asks no database.
  kNever,          // A stream of events, or an answer to a change.
};

// One parameter of the path or the query. The type is one of schema_text.h.
struct Parameter {
  std::string name{};
  std::string type{};
  std::string description{};
  std::string example{};
};

struct Route {
  std::string method{};
  std::string pattern{};  // "/api/v1/repositories/{id}"
  std::string tag{};      // Heading in the document: "Trends".
  std::string summary{};  // One sentence.
  std::vector<Parameter> path{};
  std::vector<Parameter> query{};
  std::string body{};    // Schema of the request's body; empty: takes none.
  std::string answer{};  // Schema of a 200's JSON; empty with `media`: text; empty without: a 204.
  std::string media{};   // Media type of an answer that is no JSON.
  Role role = Role::kViewer;
  Tagged tagged = Tagged::kByContent;
};

// Constant after it is filled; then safe for concurrent use.
class Router {
 public:
  // Takes handlers that answer with an HttpResponse or a ServerResponse.
  template <typename Handler>
  void Add(Route&& route, Handler handler) {
    using Answer = std::invoke_result_t<Handler, const net::ServerRequest&, const PathParameters&>;
    if constexpr (std::is_same_v<Answer, Result<net::ServerResponse>>) {
      AddRoute(std::move(route), std::move(handler));
    } else {
      AddRoute(std::move(route),
               [handler = std::move(handler)](
                   const net::ServerRequest& request,
                   const PathParameters& parameters) -> Result<net::ServerResponse> {
                 SG_TRY(net::HttpResponse answer, handler(request, parameters));
                 return net::ServerResponse(std::move(answer));
               });
    }
  }

  // Schemas that the answers of a group of routes refer to, in the language of schema_text.h.
  void AddSchemas(std::string text) { schemas_.push_back(std::move(text)); }

  struct Entry {
    Route route{};
    RouteHandler handler{};
    std::vector<std::string> segments{};  // Of the pattern.
  };
  struct Match {
    const Entry* entry = nullptr;  // nullptr: nothing answers this path and method.
    PathParameters parameters{};
    std::vector<std::string> allowed{};  // Methods that the path has, where the method was wrong.
  };
  // HEAD is answered as GET.
  Match Find(const std::string& method, const std::string& path) const;

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<std::string>& schemas() const { return schemas_; }

 private:
  void AddRoute(Route route, RouteHandler handler);

  std::vector<Entry> entries_;
  std::vector<std::string> schemas_;
};

}  // namespace stargaze::serve
