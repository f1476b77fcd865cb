// What a file may say, as data: validation and the published JSON Schema both read this, so they
// cannot drift apart.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/problems.h"
#include "config/yaml.h"

namespace stargaze::config {

enum class SchemaKind {
  kText,
  kInteger,
  kBoolean,
  kScalar,  // Text, number or boolean, kept as text.
  kList,
  kRecord,  // A map with these keys and no others.
  kNamed,   // A map from names that the writer chooses to values of one form.
  kEither,  // A record or a text, or else the second form; decided_by tells which.
};

struct Schema {
  std::string name{};  // The key, in a record.
  SchemaKind kind = SchemaKind::kText;
  bool required = false;
  bool later = false;  // Known, for people who read ahead; refused as not supported yet.
  std::string description{};
  std::string noun{};  // What a choice is called in messages, "type"; empty: the key's name.
  std::vector<std::string> choices{};
  std::vector<std::pair<std::string, std::string>> synonyms{};  // Other spelling → choice.
  std::vector<std::string> later_choices{};
  std::optional<int64_t> min{};
  std::optional<int64_t> max{};
  std::size_t max_length = 4096;  // Bytes of a text.
  std::size_t min_items = 0;      // Of a list or a map of names.
  std::optional<std::size_t> max_items{};
  std::string pattern{};  // The whole text, or the whole name in a map of names; ECMAScript.
  std::string pattern_meaning{};  // For messages: "lower-case letters, digits and _".
  // A rule that no pattern says, for the text or for every name in a map of names; an empty answer
  // means fine.
  std::string (*check)(const std::string& text) = nullptr;
  // kEither: the key that only the record has. Empty: a text is meant for a scalar; a map is the
  // record where the second form is a scalar; otherwise the record is meant when one of its keys
  // holds no map.
  std::string decided_by{};
  // kRecord: its keys. kList, kNamed: one, the form of every element. kEither: the record or text,
  // the other form.
  std::vector<Schema> parts{};
};

// The form of names of datasets' parts, pipelines and tasks.
Schema IdentifierSchema(std::string name, std::string description);

// Reports everything in `node` that `schema` does not allow.
void CheckAgainst(const YamlNode& node, const Schema& schema, Problems& problems);

// The same for a text that was not written as YAML (an environment variable, a flag); empty when
// fine. Lists and maps cannot be written so.
std::string CheckText(const std::string& text, const Schema& schema);

// The choice that a text means, with synonyms resolved; the text itself where there are no choices.
std::string Canonical(const std::string& text, const Schema& schema);

}  // namespace stargaze::config
