// One GraphQL request, checked against the schema and priced before anything is asked of the world.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/graphql_schema.h"
#include "sandbox/graphql_syntax.h"

namespace stargaze::sandbox::graphql {

struct Problem {
  std::string type{};  // "NOT_FOUND"; empty: an error of the document, which has a code instead.
  std::string code{};  // "undefinedField"
  std::string message{};
  std::string path{};  // JSON of the path, "[\"nodes\",3]"; empty: none.
  Position at{};
};

// {"data":…,"errors":[…]}; `data` is JSON, empty: no data at all.
std::string ResponseBody(std::string_view data, const std::vector<Problem>& problems);

// What the limits are asked for.
struct Price {
  int64_t points = 1;        // Connection requests by the hundred, at least one.
  int64_t connections = 0;   // Requests that the connections need.
  int64_t nodes = 0;         // At most.
  int64_t repositories = 0;  // Asked by id or by name: what costs CPU.
};

// Fields of one response key, their selections joined.
struct Collected {
  const Selection* first = nullptr;
  const FieldSpec* spec = nullptr;  // nullptr: __typename.
  std::vector<const Selection*> same{};
};

// A document with the values of its variables.
class Query {
 public:
  // `body` is what was posted: {"query": …, "variables": …, "operationName": …}.
  // nullopt with `problems` when it cannot be executed; `is_json` says whether it was JSON at all.
  static std::optional<Query> Read(std::string_view body,
                                   std::vector<Problem>& problems,
                                   bool& is_json);

  const Price& price() const { return price_; }
  const std::vector<Selection>& selections() const { return operation().selections; }

  // The fields of an object by response key, in order. Read() has checked that they exist.
  std::vector<Collected> Collect(Type type, const std::vector<const Selection*>& parents) const;
  std::vector<Collected> CollectRoot() const;

  // An argument with its variables replaced; nullptr without one.
  const Value* Find(const Selection& field, std::string_view name) const;

 private:
  friend class Checker;

  const Operation& operation() const { return document_.operations[operation_]; }
  const Value& Resolve(const Value& value) const;
  void Gather(Type type,
              const std::vector<Selection>& selections,
              int depth,
              std::vector<Collected>& fields) const;
  bool IsSkipped(const Selection& selection) const;

  Document document_;
  std::size_t operation_ = 0;
  std::vector<std::pair<std::string, Value>> variables_;
  Price price_;
};

}  // namespace stargaze::sandbox::graphql
