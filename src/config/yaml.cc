#include "config/yaml.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace stargaze::config {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 20'000;

// Builds the tree from the parser's events. After the first problem it ignores what follows: the
// parser cannot be stopped without an exception, and its own input is bounded.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, Problems& problems) : file_(file), problems_(problems) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override { root_.place = At(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Leaf(mark, anchor, {.kind = YamlKind::kNull});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, "aliases are not allowed: write the value out");
  }
  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(mark, "tags are not allowed: " + tag);
    Leaf(mark, anchor, {.kind = YamlKind::kScalar, .text = value, .quoted = tag == "!"});
  }
  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlKind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlKind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    YamlNode node{};
    std::optional<YamlNode> key{};  // Of the member whose value comes next.
  };

  Place At(const YAML::Mark& mark) const { return {.file = file_, .line = mark.line + 1}; }

  void Refuse(const YAML::Mark& mark, const std::string& why) {
    if (problems_.empty()) problems_.Add(At(mark), why);
  }

  // Says whether the event counts.
  bool Admit(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(mark, "anchors are not allowed: write the value out");
    if (++nodes_ > kMaxNodes) Refuse(mark, fmt::format("too many values: limit={}", kMaxNodes));
    return problems_.empty();
  }

  void Leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode node) {
    if (!Admit(mark, anchor)) return;
    node.place = At(mark);
    Attach(std::move(node));
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlKind kind) {
    if (open_.size() >= kMaxDepth)
      Refuse(mark, fmt::format("nested too deeply: limit={}", kMaxDepth));
    if (!Admit(mark, anchor)) return;
    open_.push_back({.node = {.kind = kind, .place = At(mark)}});
  }

  void Close() {
    if (!problems_.empty()) return;
    SG_ASSERT(!open_.empty());
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = open_.back();
    if (level.node.kind == YamlKind::kList) {
      level.node.children.push_back(std::move(node));
    } else if (!level.key) {
      TakeKey(level, std::move(node));
    } else {
      node.name = level.key->text;
      node.place.line = level.key->place.line;
      level.key.reset();
      level.node.children.push_back(std::move(node));
    }
  }

  void TakeKey(Level& level, YamlNode key) {
    if (key.kind != YamlKind::kScalar) {
      problems_.Add(key.place, "a key must be plain text, found " + key.Describe());
    } else if (const YamlNode* first = level.node.Find(key.text)) {
      problems_.Add(
          key.place,
          fmt::format("duplicate key '{}', first at line {}", key.text, first->place.line));
    }
    level.key = std::move(key);
  }

  const std::string& file_;
  Problems& problems_;
  YamlNode root_;
  std::vector<Level> open_;
  std::size_t nodes_ = 0;
};

std::string Joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

bool IsBinary(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
}

// Gives every node its dotted key. The depth is bounded by the builder.
void NameNodes(YamlNode& node, const YamlOptions& options) {
  const auto& silent = options.silent_keys;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    YamlNode& child = node.children[i];
    if (node.kind == YamlKind::kMap) {
      const bool is_silent = std::find(silent.begin(), silent.end(), child.name) != silent.end() &&
                             child.kind == YamlKind::kMap;
      child.place.key = is_silent ? node.place.key : Joined(node.place.key, child.name);
    } else {
      std::optional<std::string> name = child.Text("name");
      if (!name) name = child.Text("id");
      child.place.key =
          name ? Joined(node.place.key, *name) : fmt::format("{}[{}]", node.place.key, i);
    }
    NameNodes(child, options);
  }
}

Result<YamlNode> ParseDocument(const std::string& file, std::string_view text, bool allow_empty) {
  Problems problems;
  TreeBuilder builder(file, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      if (allow_empty) return YamlNode{.kind = YamlKind::kMap, .place = {.file = file, .line = 1}};
      problems.Add({.file = file, .line = 1}, "the file is empty");
    } else {
      YamlNode root = builder.TakeRoot();
      TreeBuilder rest(file, problems);
      if (problems.empty() && parser.HandleNextDocument(rest)) {
        problems.Add(rest.TakeRoot().place, "only one document per file is allowed");
      }
      if (problems.empty()) return root;
    }
  } catch (const YAML::Exception& exception) {
    problems = Problems();
    // A path such as $.days[*] within braces is what people stumble over.
    const bool in_flow = exception.msg.find("flow") != std::string::npos;
    problems.Add({.file = file, .line = exception.mark.line + 1},
                 "malformed YAML: " + exception.msg +
                     (in_flow ? "; within { } and [ ] quote a text that has one of []{}," : ""));
  }
  return problems.ToError();
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view member) const {
  if (kind != YamlKind::kMap) return nullptr;
  for (const YamlNode& child : children) {
    if (child.name == member) return &child;
  }
  return nullptr;
}

std::optional<std::string> YamlNode::AsText() const {
  return kind == YamlKind::kScalar ? std::optional(text) : std::nullopt;
}

std::optional<int64_t> YamlNode::AsInteger() const {
  if (kind != YamlKind::kScalar || quoted) return std::nullopt;
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped_at != end) return std::nullopt;
  return value;
}

std::optional<bool> YamlNode::AsBoolean() const {
  if (kind != YamlKind::kScalar || quoted) return std::nullopt;
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::string> YamlNode::Text(std::string_view member) const {
  const YamlNode* found = Find(member);
  return found == nullptr ? std::nullopt : found->AsText();
}

std::optional<int64_t> YamlNode::Integer(std::string_view member) const {
  const YamlNode* found = Find(member);
  return found == nullptr ? std::nullopt : found->AsInteger();
}

std::optional<bool> YamlNode::Boolean(std::string_view member) const {
  const YamlNode* found = Find(member);
  return found == nullptr ? std::nullopt : found->AsBoolean();
}

std::vector<std::string> YamlNode::Texts(std::string_view member) const {
  std::vector<std::string> texts;
  const YamlNode* found = Find(member);
  if (found == nullptr || found->kind != YamlKind::kList) return texts;
  for (const YamlNode& child : found->children) {
    if (child.kind == YamlKind::kScalar) texts.push_back(child.text);
  }
  return texts;
}

std::string YamlNode::Describe() const {
  switch (kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kScalar:
      return "'" + text.substr(0, 80) + "'";
    case YamlKind::kList:
      return "a list";
    case YamlKind::kMap:
      return "a map";
  }
  return "nothing";
}

Result<YamlNode> ParseYaml(const std::string& file,
                           std::string_view text,
                           const YamlOptions& options) {
  Problems problems;
  if (text.size() > kMaxBytes) {
    problems.Add(
        {.file = file},
        fmt::format("the file is too large: size_bytes={} limit_bytes={}", text.size(), kMaxBytes));
    return problems.ToError();
  }
  // The parser would take it for UTF-16 or worse.
  const auto binary = std::find_if(text.begin(), text.end(), IsBinary);
  if (binary != text.end()) {
    const auto lines_before = std::count(text.begin(), binary, '\n');
    problems.Add({.file = file, .line = static_cast<int>(lines_before) + 1},
                 "the file is no UTF-8 text");
    return problems.ToError();
  }
  SG_TRY(YamlNode root, ParseDocument(file, text, options.allow_empty));
  NameNodes(root, options);
  return root;
}

YamlNode MergedOver(const YamlNode& base, const YamlNode& over) {
  if (base.kind != YamlKind::kMap || over.kind != YamlKind::kMap) return over;
  YamlNode merged = base;
  merged.name = over.name;
  merged.place = over.place;
  for (const YamlNode& member : over.children) {
    auto same = std::find_if(merged.children.begin(),
                             merged.children.end(),
                             [&](const YamlNode& child) { return child.name == member.name; });
    if (same == merged.children.end()) {
      merged.children.push_back(member);
    } else {
      *same = MergedOver(*same, member);
    }
  }
  return merged;
}

}  // namespace stargaze::config
