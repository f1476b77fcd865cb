#include "config/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "config/dataset_reader.h"
#include "config/problems.h"
#include "config/yaml.h"

namespace stargaze::config {
namespace {

// Tables that the product makes itself, and the folder of the manifests beside them.
constexpr std::array<std::string_view, 9> kReservedTables{"manifest",
                                                          "collection_log",
                                                          "applied_manifest",
                                                          "schema_migration",
                                                          "closed_day",
                                                          "repository_day",
                                                          "trend_repository",
                                                          "changed_table",
                                                          "changed_day"};
constexpr std::string_view kOwnSource = "stargaze";

struct ReadDeclaration {
  model::Dataset dataset{};
  YamlNode root{};  // For places in messages.
};

Place PlaceOf(const YamlNode& root, std::string_view key) {
  const YamlNode* node = root.Find(key);
  return node == nullptr ? root.place : node->place;
}

Place TablePlace(const ReadDeclaration& declaration, const std::string& table) {
  const YamlNode* tables = declaration.root.Find("tables");
  return tables == nullptr ? declaration.root.place : PlaceOf(*tables, table);
}

class CatalogReader {
 public:
  void Read(const DeclarationFile& file) {
    auto parsed = ParseYaml(file.path, file.text, DeclarationYaml());
    if (!parsed.ok()) {
      malformed_ += (malformed_.empty() ? "" : "\n") + parsed.error().message();
      return;
    }
    YamlNode root = std::move(parsed).value();
    if (root.kind == YamlKind::kMap && root.Find("dataset") == nullptr &&
        root.Find("base_url") != nullptr) {
      model::Source source = ReadSource(root, problems_);
      sources_[source.name] = std::move(source);
      return;
    }
    ReadDeclaration read{.dataset = ReadDataset(root, file.text, problems_)};
    read.root = std::move(root);
    if (!file.built_in && read.dataset.source == kOwnSource) {
      problems_.Add(PlaceOf(read.root, "dataset"), "datasets of 'stargaze' are the product's own");
    }
    const std::string name = read.dataset.name;
    datasets_.insert_or_assign(name, std::move(read));
  }

  Result<model::Catalog> Finish() {
    if (malformed_.empty() && problems_.empty()) {
      CheckTables();
      CheckSources();
    }
    if (!malformed_.empty() || !problems_.empty()) return AllProblems();
    model::Catalog catalog{.sources = std::move(sources_)};
    for (auto& [name, read] : datasets_) catalog.datasets.push_back(std::move(read.dataset));
    catalog.tables = model::SharedTables(catalog.datasets);
    return catalog;
  }

 private:
  void CheckTables() {
    std::map<std::string, std::string> owners;
    for (const auto& [name, read] : datasets_) {
      for (const model::Table& table : read.dataset.tables) {
        if (std::find(kReservedTables.begin(), kReservedTables.end(), table.name) !=
            kReservedTables.end()) {
          problems_.Add(TablePlace(read, table.name),
                        fmt::format("table name '{}' is reserved", table.name));
        }
        if (!table.extends.empty()) continue;
        Claim(table.name, read, table.name, owners);
        if (!table.derived) continue;
        Claim(table.derived->newest, read, table.name, owners);
        Claim(table.derived->changes, read, table.name, owners);
      }
    }
    for (const auto& [name, read] : datasets_) {
      for (const model::Table& table : read.dataset.tables) {
        if (!table.extends.empty()) CheckExtension(read, table);
      }
    }
  }

  void Claim(const std::string& table,
             const ReadDeclaration& read,
             const std::string& place,
             std::map<std::string, std::string>& owners) {
    const auto [owner, is_new] = owners.emplace(table, read.dataset.name);
    if (is_new) return;
    problems_.Add(TablePlace(read, place),
                  fmt::format("table '{}' is also a table of dataset '{}'", table, owner->second));
  }

  void CheckExtension(const ReadDeclaration& read, const model::Table& table) {
    const Place place = TablePlace(read, table.name);
    const auto base = datasets_.find(table.extends);
    const model::Table* declared =
        base == datasets_.end() ? nullptr : base->second.dataset.FindTable(table.name);
    if (declared == nullptr || !declared->extends.empty()) {
      return problems_.Add(
          place, fmt::format("dataset '{}' declares no table '{}'", table.extends, table.name));
    }
    if (declared->kind != table.kind || declared->key != table.key) {
      problems_.Add(place, fmt::format("must have the kind and the key of {}", table.extends));
    }
    for (const model::Column& column : table.columns) {
      const model::Column* known = declared->FindColumn(column.name);
      if (known == nullptr || known->type == column.type) continue;
      problems_.Add(place,
                    fmt::format("column '{}' is '{}' in {}, '{}' here",
                                column.name,
                                NameOf(known->type),
                                table.extends,
                                NameOf(column.type)));
    }
    if (table.kind != model::TableKind::kSnapshot) return;
    // Rows of one request would replace each other.
    for (const model::Request& request : read.dataset.requests) {
      const auto& others = base->second.dataset.requests;
      if (std::ranges::find(others, request.resource, &model::Request::resource) == others.end())
        continue;
      problems_.Add(
          place, fmt::format("{} gives rows of request '{}' too", table.extends, request.resource));
    }
  }

  void CheckSources() {
    for (const auto& [name, read] : datasets_) {
      if (read.dataset.requests.empty() || sources_.contains(read.dataset.source)) continue;
      problems_.Add(
          PlaceOf(read.root, "source"),
          fmt::format("unknown source '{0}': declare it in {0}/source.yaml", read.dataset.source));
    }
  }

  Error AllProblems() const {
    std::string text = malformed_;
    if (!problems_.empty()) text += (text.empty() ? "" : "\n") + problems_.ToError().message();
    return Error(ErrorKind::kInvalidInput, text)
        .Remedy("see 'stargaze catalog schema' for the keys a declaration may have");
  }

  std::map<std::string, model::Source> sources_;
  std::map<std::string, ReadDeclaration> datasets_;
  Problems problems_;
  std::string malformed_;
};

}  // namespace

Result<model::Catalog> ReadCatalog(std::span<const DeclarationFile> files) {
  CatalogReader reader;
  for (const DeclarationFile& file : files) reader.Read(file);
  return reader.Finish();
}

Result<model::Catalog> LoadCatalog(std::span<const EmbeddedFile> embedded,
                                   const std::vector<std::string>& folders) {
  std::vector<DeclarationFile> files = BuiltInFiles(embedded, "catalog");
  for (const std::string& folder : folders) {
    SG_TRY(std::vector<DeclarationFile> more, FilesOfFolder(folder));
    files.insert(
        files.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return ReadCatalog(files);
}

}  // namespace stargaze::config
