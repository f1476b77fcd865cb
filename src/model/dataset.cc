#include "model/dataset.h"

#include <algorithm>

namespace stargaze::model {
namespace {

void AddColumns(const Table& from, Table& to) {
  for (const Column& column : from.columns) {
    if (to.FindColumn(column.name) == nullptr) to.columns.push_back(column);
  }
}

Column IntegerColumn(std::string name, std::string description) {
  return {
      .name = std::move(name), .type = ColumnType::kInteger, .description = std::move(description)};
}

// The newest reading per key.
SharedTable NewestOf(const Dataset& dataset, const Table& readings) {
  Table table = readings;
  table.name = readings.derived->newest;
  table.kind = TableKind::kEntity;
  return {.dataset = dataset.name,
          .filled_by = {dataset.name},
          .table = std::move(table),
          .readings = readings.name};
}

// A row for every reading that differs from the one before.
SharedTable ChangesOf(const Dataset& dataset, const Table& readings) {
  const std::string& value = readings.derived->value;
  Table table{.name = readings.derived->changes,
              .summary = "Every change of " + value + " between two readings of the same key.",
              .key = readings.key,
              .provenance = readings.provenance};
  for (const std::string& key : readings.key) table.columns.push_back(*readings.FindColumn(key));
  table.columns.push_back(IntegerColumn(value + "_before", "As the reading before had it."));
  table.columns.push_back(IntegerColumn(value, "As this reading has it."));
  table.columns.push_back({.name = "observed_before",
                           .type = ColumnType::kTimestamp,
                           .description = "When the reading before was made."});
  table.key.emplace_back("observed_at");
  return {.dataset = dataset.name,
          .filled_by = {dataset.name},
          .table = std::move(table),
          .readings = readings.name};
}

}  // namespace

std::string Dataset::ShortName() const {
  return name.substr(name.rfind('/') + 1);
}

const Table* Dataset::FindTable(const std::string& table_name) const {
  for (const Table& table : tables) {
    if (table.name == table_name) return &table;
  }
  return nullptr;
}

int64_t Dataset::FailedMax(int64_t subjects) const {
  if (max_failed_percent == 0) return 0;
  return std::max<int64_t>(1, subjects * max_failed_percent / 100);
}

std::vector<SharedTable> SharedTables(const std::vector<Dataset>& datasets) {
  std::vector<SharedTable> tables;
  for (const Dataset& dataset : datasets) {
    for (const Table& table : dataset.tables) {
      if (!table.extends.empty()) continue;
      if (table.derived) {
        tables.push_back(NewestOf(dataset, table));
        tables.push_back(ChangesOf(dataset, table));
        continue;
      }
      tables.push_back({.dataset = dataset.name, .filled_by = {dataset.name}, .table = table});
    }
  }
  for (const Dataset& dataset : datasets) {
    for (const Table& table : dataset.tables) {
      if (table.extends.empty()) continue;
      const auto shared = std::ranges::find(
          tables, table.name, [](const SharedTable& known) { return known.table.name; });
      if (shared == tables.end()) continue;
      shared->filled_by.push_back(dataset.name);
      AddColumns(table, shared->table);
    }
  }
  return tables;
}

const Dataset* Catalog::FindDataset(const std::string& dataset_name) const {
  for (const Dataset& dataset : datasets) {
    if (dataset.name == dataset_name) return &dataset;
  }
  return nullptr;
}

std::pair<const Dataset*, const Table*> Catalog::FindTable(const std::string& table_name) const {
  for (const SharedTable& shared : tables) {
    if (shared.table.name == table_name) return {FindDataset(shared.dataset), &shared.table};
  }
  return {nullptr, nullptr};
}

}  // namespace stargaze::model
