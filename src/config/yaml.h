// YAML as a tree whose every node knows where it was written.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/problems.h"

namespace stargaze::config {

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  std::string name{};   // Member of a map: its key.
  std::string text{};   // kScalar
  bool quoted = false;  // kScalar: written in quotes or as a block, so never a number or a boolean.
  Place place{};        // A member of a map has the line of its key.
  std::vector<YamlNode> children{};  // In written order.

  // The member of a map; nullptr when this is no map or lacks it.
  const YamlNode* Find(std::string_view member) const;

  // The value of a scalar; nullopt for anything that is not wholly one.
  std::optional<std::string> AsText() const;
  std::optional<int64_t> AsInteger() const;
  std::optional<bool> AsBoolean() const;  // true, false

  // The same of a member; nullopt also when it is absent.
  std::optional<std::string> Text(std::string_view member) const;
  std::optional<int64_t> Integer(std::string_view member) const;
  std::optional<bool> Boolean(std::string_view member) const;
  std::vector<std::string> Texts(std::string_view member) const;  // The scalars of a list.

  // For messages: "a list", "a map", "nothing", "'text'".
  std::string Describe() const;
};

struct YamlOptions {
  // Keys that hold named things and add nothing to a dotted key: with "tables" the node
  // tables.license is called "license".
  std::vector<std::string> silent_keys{};
  bool allow_empty = false;  // A file with nothing but comments is an empty map.
};

// One document. kInvalidInput with file and line for text that is no YAML or not even text, for
// duplicate keys, anchors and aliases, more than one document, and what exceeds the limits: 1 MiB,
// 32 levels, 20,000 nodes. An item of a list that has a `name` or `id` is called by it:
// "requests.by_stars".
Result<YamlNode> ParseYaml(const std::string& file,
                           std::string_view text,
                           const YamlOptions& options = {});

// A copy of `base` in which the members of `over` replace or join those of the same name, map by
// map.
YamlNode MergedOver(const YamlNode& base, const YamlNode& over);

}  // namespace stargaze::config
