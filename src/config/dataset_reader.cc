#include "config/dataset_reader.h"

#include <fmt/core.h>

#include <charconv>

#include "base/digest.h"
#include "config/dataset_schema.h"
#include "config/path_reader.h"
#include "config/request_reader.h"
#include "config/table_reader.h"

namespace stargaze::config {
namespace {

using model::Dataset;

std::optional<std::chrono::days> ReadDays(const std::optional<std::string>& text) {
  if (!text || *text == "forever") return std::nullopt;
  int days = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), days);
  if (error != std::errc()) return std::nullopt;
  return std::chrono::days(days);
}

std::map<std::string, std::string> ReadTextMap(const YamlNode* map) {
  std::map<std::string, std::string> texts;
  if (map == nullptr) return texts;
  for (const YamlNode& member : map->children) texts[member.name] = member.text;
  return texts;
}

// What follows from a malformed part would only be noise: the second look is for well-formed files.
bool IsAsDeclared(const YamlNode& root, const Schema& schema, Problems& problems) {
  const std::size_t before = problems.size();
  CheckAgainst(root, schema, problems);
  return problems.size() == before;
}

// The file of github/repository is …/github/repository.yaml, so that people find it by its name.
void CheckFileName(const YamlNode& root,
                   const char* key,
                   const std::string& stem,
                   Problems& problems) {
  const std::string& file = root.place.file;
  if (stem.empty() || file == stem + ".yaml" || file.ends_with("/" + stem + ".yaml")) return;
  problems.Add(root.Find(key)->place, fmt::format("must be in a file that ends in {}.yaml", stem));
}

void CheckWithoutRequests(const YamlNode& root, Problems& problems) {
  for (const char* key : {"records",
                          "drop",
                          "dag",
                          "for_each",
                          "batch_size",
                          "max_failed",
                          "object_group",
                          "explode"}) {
    if (const YamlNode* node = root.Find(key))
      problems.Add(node->place, "has no meaning in a dataset without requests");
  }
}

std::optional<model::Explode> ReadExplode(const YamlNode* node, Problems& problems) {
  if (node == nullptr || node->kind != YamlKind::kMap) return std::nullopt;
  const YamlNode* path = node->Find("path");
  model::Explode explode{.path = ReadRecordsPath(path, problems),
                         .index = node->Text("index").value_or("")};
  const auto& steps = explode.path.steps;
  if (path != nullptr && (steps.empty() || steps.back().kind != model::PathStep::Kind::kEach))
    problems.Add(path->place, "the path to the elements must end in [*]");
  return explode;
}

// How subjects are made of what is followed, and what may fail of them.
void ReadSubjects(const YamlNode& root, Dataset& dataset, Problems& problems) {
  if (root.Text("for_each") == "followed") {
    dataset.for_each = model::ForEach::kFollowed;
  } else if (const YamlNode* size = root.Find("batch_size")) {
    problems.Add(size->place, "needs for_each");
  }
  dataset.batch_size = static_cast<int>(root.Integer("batch_size").value_or(dataset.batch_size));
  if (const auto share = root.Text("max_failed"))
    std::from_chars(share->data(), share->data() + share->size(), dataset.max_failed_percent);
  dataset.object_group = root.Text("object_group").value_or("");
}

void ReadWhatIsAsked(const YamlNode& root, Dataset& dataset, Problems& problems) {
  if (root.Find("requests") == nullptr) return CheckWithoutRequests(root, problems);
  ReadSubjects(root, dataset, problems);
  dataset.requests = ReadRequests(root, dataset, problems);
  if (root.Find("records") == nullptr) problems.Add(root.place, "missing key 'records'");
  dataset.records = ReadRecordsPath(root.Find("records"), problems);
  dataset.explode = ReadExplode(root.Find("explode"), problems);
  for (const std::string& path : root.Texts("drop")) {
    if (auto parsed = model::ParseJsonPath(path); parsed.ok())
      dataset.drop.push_back(std::move(parsed).value());
  }
}

}  // namespace

Dataset ReadDataset(const YamlNode& root, std::string_view text, Problems& problems) {
  if (!IsAsDeclared(root, DatasetSchema(), problems)) return {};
  Dataset dataset{.name = root.Text("dataset").value_or("")};
  dataset.file = root.place.file;
  dataset.hash = Sha256Hex(text);
  CheckFileName(root, "dataset", dataset.name, problems);
  const std::string folder = dataset.name.substr(0, dataset.name.find('/'));
  dataset.source = root.Text("source").value_or(folder);
  if (dataset.source != folder) {
    problems.Add(root.Find("source")->place,
                 fmt::format("must be '{}', as in the dataset's name", folder));
  }
  dataset.schema_version = static_cast<int>(root.Integer("schema_version").value_or(1));
  dataset.summary = root.Text("summary").value_or("");
  dataset.dag = root.Text("dag").value_or("");
  dataset.vars = ReadTextMap(root.Find("vars"));
  if (const YamlNode* retention = root.Find("retention")) {
    dataset.retention = {.raw = ReadDays(retention->Text("raw")),
                         .analytics = ReadDays(retention->Text("analytics"))};
  }
  dataset.docs = ReadTextMap(root.Find("docs"));
  dataset.tables = ReadTables(root, problems);
  ReadWhatIsAsked(root, dataset, problems);
  return dataset;
}

model::Source ReadSource(const YamlNode& root, Problems& problems) {
  if (!IsAsDeclared(root, SourceSchema(), problems)) return {};
  model::Source source{.name = root.Text("source").value_or("")};
  CheckFileName(root, "source", source.name.empty() ? "" : source.name + "/source", problems);
  source.base_url = root.Text("base_url").value_or("");
  source.token_env = root.Text("token_env").value_or("");
  if (const YamlNode* headers = root.Find("headers")) {
    for (const YamlNode& header : headers->children)
      source.headers.emplace_back(header.name, header.text);
  }
  if (const YamlNode* limits = root.Find("requests_per_minute")) {
    for (const YamlNode& limit : limits->children) {
      source.requests_per_minute[limit.name] = static_cast<int>(limit.AsInteger().value_or(0));
    }
  }
  return source;
}

YamlOptions DeclarationYaml() {
  return {.silent_keys = {"tables", "columns"}};
}

}  // namespace stargaze::config
