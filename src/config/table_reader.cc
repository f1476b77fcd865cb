#include "config/table_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "config/column_reader.h"
#include "config/path_reader.h"
#include "config/split_reader.h"

namespace stargaze::config {
namespace {

using model::Column;
using model::Table;
using model::TableKind;

const YamlNode* ColumnsOf(const YamlNode& table) {
  const YamlNode* columns = table.Find("columns");
  return columns != nullptr && columns->kind == YamlKind::kMap ? columns : nullptr;
}

bool TakesColumns(const YamlNode& columns) {
  const YamlNode* from = columns.Find("from");
  const YamlNode* take = columns.Find("take");
  return (from != nullptr && from->kind != YamlKind::kMap) ||
         (take != nullptr && take->kind != YamlKind::kMap);
}

std::vector<std::string> NamesOf(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

template <typename Value>
Value Parsed(const std::optional<std::string>& text,
             std::initializer_list<Value> values,
             Value otherwise) {
  for (const Value value : values) {
    if (text && *text == NameOf(value)) return value;
  }
  return otherwise;
}

TableKind ReadKind(const YamlNode& table, Problems& problems) {
  const bool per_day = table.Boolean("per_day").value_or(false);
  const TableKind kind =
      Parsed(table.Text("kind"),
             {TableKind::kEntity, TableKind::kSnapshot, TableKind::kHistory, TableKind::kReading},
             per_day ? TableKind::kSnapshot : TableKind::kEntity);
  if (per_day && kind != TableKind::kSnapshot) {
    problems.Add(table.Find("per_day")->place, "per_day is only for kind 'snapshot'");
  }
  return kind;
}

class TablesReader {
 public:
  TablesReader(const YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

  std::vector<Table> Read() {
    const YamlNode* list = root_.Find("tables");
    if (list == nullptr || list->kind != YamlKind::kMap) return {};
    for (const YamlNode& node : list->children) ReadOwnColumns(node);
    std::vector<Table> tables;
    for (const YamlNode& node : list->children) {
      if (node.kind == YamlKind::kMap) tables.push_back(ReadTable(node));
    }
    return tables;
  }

 private:
  void ReadOwnColumns(const YamlNode& node) {
    Table& table = own_.emplace_back(Table{.name = node.name});
    const YamlNode* columns = ColumnsOf(node);
    if (columns == nullptr || TakesColumns(*columns)) return;
    const YamlNode* explode = root_.Find("explode");
    const ColumnSources sources{
        .has_requests = root_.Find("requests") != nullptr,
        .has_subjects = root_.Find("for_each") != nullptr,
        .index = explode == nullptr ? "" : explode->Text("index").value_or("")};
    for (const YamlNode& column : columns->children) {
      if (column.kind == YamlKind::kMap)
        table.columns.push_back(ReadColumn(column, sources, problems_));
    }
  }

  const Table* FindOwn(const std::string& name) const {
    for (const Table& table : own_) {
      if (table.name == name && !table.columns.empty()) return &table;
    }
    return nullptr;
  }

  Table ReadTable(const YamlNode& node) {
    Table table{.name = node.name, .kind = ReadKind(node, problems_)};
    table.summary = node.Text("summary").value_or("");
    table.provenance = Parsed(node.Text("provenance"),
                              {model::Provenance::kMeasured,
                               model::Provenance::kSourceReported,
                               model::Provenance::kImported},
                              model::Provenance::kMeasured);
    if (const YamlNode* where = node.Find("where")) table.where = ReadValuePath(where, problems_);
    const YamlNode* columns = ColumnsOf(node);
    if (columns == nullptr) return table;
    if (TakesColumns(*columns)) {
      table.columns = TakenColumns(*columns);
    } else if (const Table* own = FindOwn(node.name)) {
      table.columns = own->columns;
    }
    CheckReservedColumns(*columns, table);
    ReadKey(node, table);
    ReadExtends(node, table);
    ReadDerived(node, table);
    return table;
  }

  // An entity has one row per key: whoever writes it last would blank what it does not know.
  void ReadExtends(const YamlNode& node, Table& table) {
    const YamlNode* extends = node.Find("extends");
    if (extends == nullptr) return;
    table.extends = extends->text;
    if (table.extends == root_.Text("dataset"))
      problems_.Add(extends->place, "a dataset cannot extend its own table");
    if (table.kind != TableKind::kSnapshot && table.kind != TableKind::kHistory)
      problems_.Add(extends->place, "only a table of kind snapshot or history can be extended");
  }

  void ReadDerived(const YamlNode& node, Table& table) {
    const YamlNode* derive = node.Find("derive");
    if (derive == nullptr) {
      if (table.kind == TableKind::kReading)
        problems_.Add(node.place, "kind 'reading' needs the key 'derive'");
      return;
    }
    if (table.kind != TableKind::kReading)
      return problems_.Add(derive->place, "is only for kind 'reading'");
    table.derived = model::Derived{.newest = derive->Text("newest").value_or(""),
                                   .changes = derive->Text("changes").value_or(""),
                                   .value = derive->Text("value").value_or("")};
    const YamlNode* value = derive->Find("value");
    if (value == nullptr) return;
    const Column* column = FindNamedColumn(table, *value, problems_);
    if (column != nullptr && (column->type != model::ColumnType::kInteger || !column->required))
      problems_.Add(value->place, "must be a required column of type 'integer'");
  }

  std::vector<Column> TakenColumns(const YamlNode& columns) {
    std::vector<Column> taken;
    const std::optional<std::string> from = columns.Text("from");
    if (!from) return taken;
    const Table* other = FindOwn(*from);
    if (other == nullptr) {
      std::vector<std::string> names;
      for (const Table& table : own_) names.push_back(table.name);
      problems_.Add(
          columns.Find("from")->place,
          fmt::format("no table '{}' with columns of its own{}", *from, DidYouMean(*from, names)));
      return taken;
    }
    const YamlNode* take = columns.Find("take");
    if (take == nullptr) return taken;
    for (const YamlNode& item : take->children) {
      const Column* column = other->FindColumn(item.text);
      if (column == nullptr) {
        problems_.Add(item.place,
                      fmt::format("unknown column '{}'{}",
                                  item.text,
                                  DidYouMean(item.text, NamesOf(other->columns))));
      } else if (std::ranges::find(taken, item.text, &Column::name) != taken.end()) {
        problems_.Add(item.place, fmt::format("column '{}' is taken twice", item.text));
      } else {
        taken.push_back(*column);
      }
    }
    return taken;
  }

  void CheckReservedColumns(const YamlNode& columns, const Table& table) {
    std::vector<std::string> reserved{"observed_at", "attempt", "provenance", "ordinal"};
    if (table.kind == TableKind::kSnapshot) reserved.insert(reserved.end(), {"day", "request"});
    if (table.kind == TableKind::kHistory)
      reserved.insert(reserved.end(), {"first_seen", "last_seen"});
    for (const std::string& name : reserved) {
      if (table.FindColumn(name) == nullptr) continue;
      const YamlNode* node = columns.Find(name);
      problems_.Add(
          (node == nullptr ? columns : *node).place,
          fmt::format("column '{}' is reserved: every table of this kind has it by itself", name));
    }
  }

  void ReadKey(const YamlNode& node, Table& table) {
    const std::vector<std::string> of_dataset = root_.Texts("key");
    const YamlNode* written = node.Find("key");
    if (written != nullptr) {
      table.key = node.Texts("key");
    } else {
      // A history is about the whole row: that it was seen so.
      table.key = table.kind == TableKind::kHistory ? NamesOf(table.columns) : of_dataset;
    }
    const Place& place = (written == nullptr ? node : *written).place;
    if (table.key.empty()) problems_.Add(place, "missing key 'key', here or for the whole dataset");
    if (table.kind == TableKind::kSnapshot && table.key != of_dataset) {
      problems_.Add(place,
                    "a snapshot has the key of the dataset; day and request are added to it");
    }
    for (const std::string& name : table.key) CheckKeyColumn(place, table, name);
  }

  void CheckKeyColumn(const Place& place, const Table& table, const std::string& name) {
    const Column* column = table.FindColumn(name);
    if (column == nullptr) {
      problems_.Add(place,
                    fmt::format("key column '{}' is not a column of table '{}'{}",
                                name,
                                table.name,
                                DidYouMean(name, NamesOf(table.columns))));
    } else if (!column->required) {
      problems_.Add(place, fmt::format("key column '{}' must say required: true", name));
    }
    if (std::count(table.key.begin(), table.key.end(), name) > 1) {
      problems_.Add(place, fmt::format("key column '{}' is named twice", name));
    }
  }

  const YamlNode& root_;
  Problems& problems_;
  std::vector<Table> own_;
};

}  // namespace

std::vector<Table> ReadTables(const YamlNode& root, Problems& problems) {
  return TablesReader(root, problems).Read();
}

}  // namespace stargaze::config
