#include "model/dataset.h"

#include <algorithm>

namespace stargaze::model {
namespace {

void AddColumns(const Table& from, Table& to) {
  for (const Column& column : from.columns) {
    if (to.FindColumn(column.name) == nullptr) to.columns.push_back(column);
  }
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
