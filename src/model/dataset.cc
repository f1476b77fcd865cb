#include "model/dataset.h"

namespace stargaze::model {

std::string Dataset::ShortName() const {
  return name.substr(name.rfind('/') + 1);
}

const Table* Dataset::FindTable(const std::string& table_name) const {
  for (const Table& table : tables) {
    if (table.name == table_name) return &table;
  }
  return nullptr;
}

const Dataset* Catalog::FindDataset(const std::string& dataset_name) const {
  for (const Dataset& dataset : datasets) {
    if (dataset.name == dataset_name) return &dataset;
  }
  return nullptr;
}

std::pair<const Dataset*, const Table*> Catalog::FindTable(const std::string& table_name) const {
  for (const Dataset& dataset : datasets) {
    if (const Table* table = dataset.FindTable(table_name)) return {&dataset, table};
  }
  return {nullptr, nullptr};
}

}  // namespace stargaze::model
