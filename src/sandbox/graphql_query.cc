#include "sandbox/graphql_query.h"

#include <fmt/core.h>

#include <algorithm>

#include <boost/json.hpp>

#include "sandbox/json_text.h"

namespace stargaze::sandbox::graphql {
namespace {

namespace json = boost::json;

constexpr int64_t kNodesMax = 500'000;
constexpr int64_t kPageMax = 100;
constexpr int64_t kIdsMax = 100;
constexpr int64_t kConnectionsPerPoint = 100;
constexpr std::size_t kProblemsMax = 100;

const Value& Null() {
  static const Value kNull;
  return kNull;
}

Value FromJson(const json::value& from) {
  Value value;
  if (from.is_bool()) {
    value.kind = Value::Kind::kBool;
    value.boolean = from.get_bool();
  } else if (from.is_int64()) {
    value.kind = Value::Kind::kInt;
    value.integer = from.get_int64();
  } else if (from.is_number()) {
    value.kind = Value::Kind::kFloat;
    value.real = from.to_number<double>();
  } else if (from.is_string()) {
    value.kind = Value::Kind::kString;
    value.text = from.get_string();
  } else if (from.is_array()) {
    value.kind = Value::Kind::kList;
    for (const json::value& item : from.get_array()) value.items.push_back(FromJson(item));
  } else if (from.is_object()) {
    value.kind = Value::Kind::kObject;
    for (const auto& [key, field] : from.get_object())
      value.fields.emplace_back(key, FromJson(field));
  }
  return value;
}

// A fragment on an interface applies to what implements it.
bool Applies(std::string_view on, Type type) {
  const bool is_interface = on == "Node" || on == "RepositoryInfo" || on == "Starrable" ||
                            on == "UniformResourceLocatable";
  return on.empty() || on == TypeName(type) || (is_interface && type == Type::kRepository) ||
         (type == Type::kOwner && (on == "Organization" || on == "User"));
}

bool IsList(const Collected& field) {
  return field.spec->name == "nodes" || field.spec->name == "edges";
}

}  // namespace

// Walks the document as an execution would, without a world.
class Checker {
 public:
  Checker(Query& query, std::vector<Problem>& problems) : query_(query), problems_(problems) {}

  bool Check() {
    for (const VariableDefinition& variable : query_.operation().variables) CheckVariable(variable);
    if (query_.operation().type != "query") {
      Add("", "operationNotSupported", "Only queries are served here", {});
    }
    CheckFields(Type::kQuery, query_.operation().selections, 0);
    if (problems_.empty()) Visit(Type::kQuery, query_.CollectRoot(), 1);
    Price& price = query_.price_;
    price.points =
        std::max<int64_t>(1, (price.connections + kConnectionsPerPoint / 2) / kConnectionsPerPoint);
    if (price.nodes > kNodesMax) {
      Add("MAX_NODE_LIMIT_EXCEEDED",
          "",
          fmt::format("This query requests up to {} possible nodes which exceeds the maximum limit "
                      "of {}.",
                      price.nodes,
                      kNodesMax),
          {});
    }
    return problems_.empty();
  }

 private:
  void Add(std::string_view type, std::string_view code, std::string message, Position at) {
    if (problems_.size() >= kProblemsMax) return;
    problems_.push_back({.type = std::string(type),
                         .code = std::string(code),
                         .message = std::move(message),
                         .at = at});
  }

  void CheckVariable(const VariableDefinition& variable) {
    const auto given = std::ranges::find(
        query_.variables_, variable.name, [](const auto& entry) { return entry.first; });
    if (given != query_.variables_.end()) return;
    if (variable.required && !variable.has_default) {
      Add("",
          "variableRequired",
          fmt::format("Variable ${} was provided invalid value", variable.name),
          {});
    }
    query_.variables_.emplace_back(variable.name, variable.default_value);
  }

  // Each selection exists, has the arguments of its field, and leads to scalars.
  void CheckFields(Type type, const std::vector<Selection>& selections, int depth) {
    if (depth > kDepthMax) return Add("", "tooDeep", "The query is nested too deeply", {});
    // Fragments can multiply what is written: ten of them, each spreading the next ten times.
    if (++visits_ > kElementsMax) {
      if (visits_ == kElementsMax + 1) Add("", "tooComplex", "The query is too complex", {});
      return;
    }
    for (const Selection& selection : selections) {
      CheckArgumentVariables(selection);
      if (selection.kind == Selection::Kind::kField) {
        CheckField(type, selection, depth);
      } else if (selection.kind == Selection::Kind::kInlineFragment) {
        if (Applies(selection.name, type)) CheckFields(type, selection.selections, depth + 1);
      } else {
        CheckSpread(type, selection, depth);
      }
    }
  }

  void CheckSpread(Type type, const Selection& selection, int depth) {
    const auto fragment = query_.document_.fragments.find(selection.name);
    if (fragment == query_.document_.fragments.end()) {
      return Add("",
                 "useAndDefineFragment",
                 fmt::format("Fragment {} was used, but not defined", selection.name),
                 selection.at);
    }
    if (Applies(fragment->second.on, type))
      CheckFields(type, fragment->second.selections, depth + 1);
  }

  void CheckField(Type type, const Selection& field, int depth) {
    if (field.name == "__typename") return;
    const FieldSpec* spec = FindField(type, field.name);
    if (spec == nullptr) {
      return Add("",
                 "undefinedField",
                 fmt::format("Field '{}' doesn't exist on type '{}'", field.name, TypeName(type)),
                 field.at);
    }
    for (const Argument& argument : field.arguments) {
      if (spec->arguments.find(" " + argument.name + " ") != std::string_view::npos) continue;
      Add("",
          "argumentNotAccepted",
          fmt::format("Field '{}' doesn't accept argument '{}'", field.name, argument.name),
          field.at);
    }
    if ((spec->type == Type::kScalar) != field.selections.empty()) {
      const std::string_view what = field.selections.empty()
                                        ? "Field must have selections"
                                        : "Selections can't be made on scalars";
      return Add("",
                 "selectionMismatch",
                 fmt::format("{} (field '{}' returns {})", what, field.name, TypeName(spec->type)),
                 field.at);
    }
    if (spec->type != Type::kScalar) CheckFields(spec->type, field.selections, depth + 1);
  }

  void CheckArgumentVariables(const Selection& selection) {
    for (const Argument& argument : selection.arguments) CheckUse(argument.value, selection.at);
    for (const Directive& directive : selection.directives) {
      if (directive.name != "include" && directive.name != "skip") {
        Add("",
            "undefinedDirective",
            fmt::format("Directive @{} is not defined", directive.name),
            selection.at);
      }
      for (const Argument& argument : directive.arguments) CheckUse(argument.value, selection.at);
    }
  }

  void CheckUse(const Value& value, Position at) {
    for (const Value& item : value.items) CheckUse(item, at);
    if (value.kind != Value::Kind::kVariable) return;
    const bool known = std::ranges::any_of(query_.operation().variables,
                                           [&](const auto& one) { return one.name == value.text; });
    if (!known) {
      Add("",
          "variableNotDefined",
          fmt::format("Variable ${} is used by an operation but not declared", value.text),
          at);
    }
  }

  // Counts what an execution would ask for, `times` over.
  void Visit(Type type, const std::vector<Collected>& fields, int64_t times) {
    for (const Collected& field : fields) {
      if (field.spec == nullptr || field.spec->type == Type::kScalar) continue;
      int64_t inside = times;
      if (type == Type::kQuery) inside = CountRoot(field);
      if (field.spec->is_connection) inside = CountConnection(field, times);
      if (!problems_.empty()) return;
      Visit(field.spec->type, query_.Collect(field.spec->type, field.same), inside);
    }
  }

  int64_t CountRoot(const Collected& field) {
    const std::string_view name = field.spec->name;
    int64_t count = 1;
    if (name == "nodes") {
      const Value* ids = query_.Find(*field.first, "ids");
      if (ids == nullptr || ids->kind != Value::Kind::kList) {
        Missing(field, "ids");
        return 0;
      }
      count = static_cast<int64_t>(ids->items.size());
      if (count > kIdsMax) {
        Add("ARGUMENT_LIMIT",
            "",
            fmt::format(
                "You may not provide more than {} node ids; you provided {}.", kIdsMax, count),
            field.first->at);
      }
    } else if (name == "node") {
      if (query_.Find(*field.first, "id") == nullptr) Missing(field, "id");
    } else if (name == "repository") {
      for (const std::string_view needed : {"owner", "name"}) {
        if (query_.Find(*field.first, needed) == nullptr) Missing(field, needed);
      }
    } else {
      return 1;
    }
    query_.price_.repositories += count;
    query_.price_.nodes += count;
    return count;
  }

  void Missing(const Collected& field, std::string_view argument) {
    Add("",
        "missingRequiredArguments",
        fmt::format("Field '{}' is missing required arguments: {}", field.spec->name, argument),
        field.first->at);
  }

  int64_t CountConnection(const Collected& field, int64_t times) {
    query_.price_.connections += times;
    const std::vector<Collected> inside = query_.Collect(field.spec->type, field.same);
    const bool pages = std::ranges::any_of(
        inside, [](const Collected& one) { return one.spec != nullptr && IsList(one); });
    if (!pages) return times;
    const Value* first = query_.Find(*field.first, "first");
    if (first == nullptr) first = query_.Find(*field.first, "last");
    if (first == nullptr || first->kind != Value::Kind::kInt) {
      Add("MISSING_PAGINATION_BOUNDARIES",
          "",
          fmt::format("You must provide a `first` or `last` value to properly paginate the `{}` "
                      "connection.",
                      field.spec->name),
          field.first->at);
      return 0;
    }
    if (first->integer < 1 || first->integer > kPageMax) {
      Add("EXCESSIVE_PAGINATION",
          "",
          fmt::format("Requesting {} records on the `{}` connection exceeds the `first` limit of "
                      "{} records.",
                      first->integer,
                      field.spec->name,
                      kPageMax),
          field.first->at);
      return 0;
    }
    query_.price_.nodes += times * first->integer;
    return times * first->integer;
  }

  Query& query_;
  std::vector<Problem>& problems_;
  int visits_ = 0;
};

std::optional<Query> Query::Read(std::string_view body,
                                 std::vector<Problem>& problems,
                                 bool& is_json) {
  boost::system::error_code code;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value posted =
      json::parse(json::string_view(body.data(), body.size()), code, {}, options);
  is_json = !code && posted.is_object();
  if (!is_json) return std::nullopt;
  const json::object& object = posted.get_object();
  const json::value* text = object.if_contains("query");
  if (text == nullptr || !text->is_string()) {
    problems.push_back({.code = "missingQuery", .message = "A query attribute must be specified"});
    return std::nullopt;
  }
  Query query;
  SyntaxError error;
  const json::string& source = text->get_string();
  if (!ParseDocument({source.data(), source.size()}, query.document_, error)) {
    problems.push_back({.code = "parseError", .message = error.message, .at = error.at});
    return std::nullopt;
  }
  if (const json::value* variables = object.if_contains("variables");
      variables != nullptr && variables->is_object()) {
    for (const auto& [name, value] : variables->get_object())
      query.variables_.emplace_back(name, FromJson(value));
  }
  const json::value* wanted = object.if_contains("operationName");
  const bool by_name = wanted != nullptr && wanted->is_string() && !wanted->get_string().empty();
  const auto& operations = query.document_.operations;
  const auto found = std::ranges::find_if(operations, [&](const Operation& one) {
    return !by_name || std::string_view(wanted->get_string()) == one.name;
  });
  if (found == operations.end() || (!by_name && operations.size() > 1)) {
    problems.push_back({.code = "noOperation", .message = "An operation name is required"});
    return std::nullopt;
  }
  query.operation_ = static_cast<std::size_t>(found - operations.begin());
  if (!Checker(query, problems).Check()) return std::nullopt;
  return query;
}

const Value& Query::Resolve(const Value& value) const {
  if (value.kind != Value::Kind::kVariable) return value;
  const auto found =
      std::ranges::find(variables_, value.text, [](const auto& entry) { return entry.first; });
  return found == variables_.end() ? Null() : found->second;
}

const Value* Query::Find(const Selection& field, std::string_view name) const {
  const auto found = std::ranges::find(field.arguments, name, &Argument::name);
  if (found == field.arguments.end()) return nullptr;
  const Value& value = Resolve(found->value);
  return value.kind == Value::Kind::kNull ? nullptr : &value;
}

bool Query::IsSkipped(const Selection& selection) const {
  return std::ranges::any_of(selection.directives, [&](const Directive& directive) {
    const bool wanted = directive.name == "include";
    const auto condition = std::ranges::find(directive.arguments, "if", &Argument::name);
    return condition != directive.arguments.end() && Resolve(condition->value).boolean != wanted;
  });
}

void Query::Gather(Type type,
                   const std::vector<Selection>& selections,
                   int depth,
                   std::vector<Collected>& fields) const {
  if (depth > kDepthMax) return;
  for (const Selection& selection : selections) {
    if (IsSkipped(selection)) continue;
    if (selection.kind == Selection::Kind::kInlineFragment) {
      if (Applies(selection.name, type)) Gather(type, selection.selections, depth + 1, fields);
      continue;
    }
    if (selection.kind == Selection::Kind::kFragmentSpread) {
      const auto fragment = document_.fragments.find(selection.name);
      if (fragment != document_.fragments.end() && Applies(fragment->second.on, type))
        Gather(type, fragment->second.selections, depth + 1, fields);
      continue;
    }
    const auto known = std::ranges::find_if(
        fields, [&](const Collected& one) { return one.first->key() == selection.key(); });
    if (known != fields.end()) {
      // Two fields of one key must be the same field; a second one that is not, is left out.
      if (known->first->name == selection.name) known->same.push_back(&selection);
    } else {
      fields.push_back(
          {.first = &selection, .spec = FindField(type, selection.name), .same = {&selection}});
    }
  }
}

std::vector<Collected> Query::Collect(Type type,
                                      const std::vector<const Selection*>& parents) const {
  std::vector<Collected> fields;
  for (const Selection* parent : parents) Gather(type, parent->selections, 0, fields);
  return fields;
}

std::vector<Collected> Query::CollectRoot() const {
  std::vector<Collected> fields;
  Gather(Type::kQuery, selections(), 0, fields);
  return fields;
}

std::string ResponseBody(std::string_view data, const std::vector<Problem>& problems) {
  std::string body = "{";
  if (!data.empty()) body += fmt::format("\"data\":{}", data);
  if (!problems.empty()) body += data.empty() ? "\"errors\":[" : ",\"errors\":[";
  for (const Problem& problem : problems) {
    if (&problem != &problems.front()) body += ',';
    body += '{';
    if (!problem.type.empty()) body += fmt::format("\"type\":\"{}\",", problem.type);
    if (!problem.path.empty()) body += fmt::format("\"path\":{},", problem.path);
    if (!problem.code.empty())
      body += fmt::format("\"extensions\":{{\"code\":\"{}\"}},", problem.code);
    body += fmt::format(R"("locations":[{{"line":{},"column":{}}}],"message":)",
                        problem.at.line,
                        problem.at.column);
    AppendJsonText(body, std::string_view(problem.message));
    body += '}';
  }
  body += problems.empty() ? "}" : "]}";
  return body;
}

}  // namespace stargaze::sandbox::graphql
