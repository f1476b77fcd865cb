#include "storage/duckdb.h"

#include <fmt/core.h>

#include <type_traits>

#include "storage/duckdb_cells.h"
#include "storage/duckdb_library.h"
#include "storage/duckdb_stream.h"

namespace stargaze::storage {
namespace {

struct FreeText {
  void operator()(char* text) const { duck.free(text); }
};

class ResultHandle {
 public:
  ResultHandle() = default;
  ~ResultHandle() { duck.destroy_result(&result_); }
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

class StatementHandle {
 public:
  StatementHandle() = default;
  ~StatementHandle() { duck.destroy_prepare(&statement_); }
  StatementHandle(const StatementHandle&) = delete;
  StatementHandle& operator=(const StatementHandle&) = delete;
  duckdb_prepared_statement* get() { return &statement_; }

 private:
  duckdb_prepared_statement statement_ = nullptr;
};

// DuckDB says what kind of failure it was by a code and, for full disks, only by its words.
ErrorKind KindOf(duckdb_error_type type, std::string_view message) {
  const bool disk_full = message.find("No space left") != std::string_view::npos ||
                         message.find("not enough space") != std::string_view::npos;
  if (disk_full) return ErrorKind::kExhausted;
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorKind::kOutOfMemory;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorKind::kCancelled;
    case DUCKDB_ERROR_PARSER:
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_CATALOG:
      return ErrorKind::kInternal;
    case DUCKDB_ERROR_IO:
      return ErrorKind::kUnavailable;
    case DUCKDB_ERROR_INVALID_INPUT:
    case DUCKDB_ERROR_CONVERSION:
      return ErrorKind::kCorrupt;
    default:
      return ErrorKind::kInternal;
  }
}

Error ResultError(ResultHandle& result, std::string_view sql) {
  const char* message = duck.result_error(result.get());
  const std::string_view text = message == nullptr ? "no message" : message;
  constexpr std::size_t kShownBytes = 200;  // Enough to recognise a generated statement.
  const duckdb_error_type type = duck.result_error_type(result.get());
  Error error(KindOf(type, text),
              fmt::format("DuckDB: {} in: {}", text, sql.substr(0, kShownBytes)));
  if (type != DUCKDB_ERROR_OUT_OF_MEMORY) return error;
  return std::move(error).Remedy("give it more memory: the setting duckdb.memory_limit_mb");
}

duckdb_state Bind(duckdb_prepared_statement statement, idx_t index, const SqlValue& value) {
  return std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) return duck.bind_null(statement, index);
        if constexpr (std::is_same_v<T, bool>) return duck.bind_boolean(statement, index, v);
        if constexpr (std::is_same_v<T, int64_t>) return duck.bind_int64(statement, index, v);
        if constexpr (std::is_same_v<T, double>) return duck.bind_double(statement, index, v);
        if constexpr (std::is_same_v<T, std::string>) {
          return duck.bind_varchar_length(statement, index, v.data(), v.size());
        }
        if constexpr (std::is_same_v<T, Instant>) {
          return duck.bind_timestamp(statement, index, {.micros = v.time_since_epoch().count()});
        }
        if constexpr (std::is_same_v<T, Day>) {
          return duck.bind_date(
              statement, index, {.days = static_cast<int32_t>(v.time_since_epoch().count())});
        }
      },
      value);
}

duckdb_state AppendValue(duckdb_appender appender, const SqlValue& value) {
  return std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) return duck.append_null(appender);
        if constexpr (std::is_same_v<T, bool>) return duck.append_bool(appender, v);
        if constexpr (std::is_same_v<T, int64_t>) return duck.append_int64(appender, v);
        if constexpr (std::is_same_v<T, double>) return duck.append_double(appender, v);
        if constexpr (std::is_same_v<T, std::string>) {
          return duck.append_varchar_length(appender, v.data(), v.size());
        }
        if constexpr (std::is_same_v<T, Instant>) {
          return duck.append_timestamp(appender, {.micros = v.time_since_epoch().count()});
        }
        if constexpr (std::is_same_v<T, Day>) {
          return duck.append_date(appender,
                                  {.days = static_cast<int32_t>(v.time_since_epoch().count())});
        }
      },
      value);
}

Status ReadColumns(ResultHandle& result, std::vector<duckdb_type>& types, SqlRows& rows) {
  const idx_t count = duck.column_count(result.get());
  for (idx_t i = 0; i < count; ++i) {
    types.push_back(duck.column_type(result.get(), i));
    if (!IsNativeType(types.back())) {
      return Error(
          ErrorKind::kInternal,
          fmt::format("DuckDB: column {} has a type that needs a cast to VARCHAR in the query",
                      duck.column_name(result.get(), i)));
    }
    rows.columns.push_back({.name = duck.column_name(result.get(), i)});
  }
  return Ok();
}

Result<SqlRows> Collect(ResultHandle& result) {
  SqlRows rows;
  std::vector<duckdb_type> types;
  SG_RETURN_IF_ERROR(ReadColumns(result, types, rows));
  while (duckdb_data_chunk chunk = duck.fetch_chunk(*result.get())) {
    AppendChunk(chunk, types, rows);
    duck.destroy_data_chunk(&chunk);
  }
  return rows;
}

Status SetOption(duckdb_config config, const char* name, const std::string& value) {
  if (duck.set_config(config, name, value.c_str()) == DuckDBSuccess) return Ok();
  return Error(ErrorKind::kInternal, fmt::format("DuckDB refuses the option: {}={}", name, value));
}

Status SetOptions(duckdb_config config, const DuckDbOptions& options) {
  SG_RETURN_IF_ERROR(SetOption(config, "threads", std::to_string(options.threads)));
  SG_RETURN_IF_ERROR(
      SetOption(config, "memory_limit", std::to_string(options.memory_limit_bytes) + "B"));
  SG_RETURN_IF_ERROR(SetOption(config, "temp_directory", options.temp_directory));
  // Extensions would be fetched from the network behind our back.
  SG_RETURN_IF_ERROR(SetOption(config, "autoinstall_known_extensions", "false"));
  SG_RETURN_IF_ERROR(SetOption(config, "autoload_known_extensions", "false"));
  return Ok();
}

}  // namespace

int64_t SqlRows::Integer(std::size_t row, std::size_t column) const {
  const SqlValue& value = rows.at(row).at(column);
  if (std::holds_alternative<std::monostate>(value)) return 0;
  SG_ASSERT(std::holds_alternative<int64_t>(value));
  return std::get<int64_t>(value);
}

const std::string& SqlRows::Text(std::size_t row, std::size_t column) const {
  static const std::string kNone;
  const SqlValue& value = rows.at(row).at(column);
  if (std::holds_alternative<std::monostate>(value)) return kNone;
  SG_ASSERT(std::holds_alternative<std::string>(value));
  return std::get<std::string>(value);
}

struct DuckDb::Impl {
  duckdb_database database = nullptr;
};

struct DuckDbConnection::Impl {
  duckdb_connection connection = nullptr;
};

DuckDb::DuckDb(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckDb::~DuckDb() {
  duck.close(&impl_->database);
}

Result<std::unique_ptr<DuckDb>> DuckDb::Open(const DuckDbOptions& options) {
  SG_RETURN_IF_ERROR(LoadDuckDb());
  duckdb_config config = nullptr;
  if (duck.create_config(&config) != DuckDBSuccess)
    return Error(ErrorKind::kExhausted, "DuckDB: no memory");
  auto impl = std::make_unique<Impl>();
  const Status set = SetOptions(config, options);
  char* text = nullptr;
  const bool opened =
      set.ok() && duck.open_ext(options.path.empty() ? nullptr : options.path.c_str(),
                                &impl->database,
                                config,
                                &text) == DuckDBSuccess;
  const std::unique_ptr<char, FreeText> message(text);
  duck.destroy_config(&config);
  if (!set.ok()) return set.error();
  if (!opened) {
    const std::string_view why = message == nullptr ? "no message" : message.get();
    return Error(KindOf(DUCKDB_ERROR_IO, why),
                 fmt::format("cannot open the DuckDB file {}: {}", options.path, why));
  }
  return std::unique_ptr<DuckDb>(new DuckDb(std::move(impl)));
}

Result<std::unique_ptr<DuckDbConnection>> DuckDb::Connect() {
  auto impl = std::make_unique<DuckDbConnection::Impl>();
  if (duck.connect(impl_->database, &impl->connection) != DuckDBSuccess) {
    return Error(ErrorKind::kExhausted, "DuckDB refuses another connection");
  }
  std::unique_ptr<DuckDbConnection> connection(new DuckDbConnection(std::move(impl)));
  SG_RETURN_IF_ERROR(connection->Execute("SET TimeZone = 'UTC'"));
  return connection;
}

Status DuckDb::LoadLibrary() {
  return LoadDuckDb();
}

Result<std::string> DuckDb::LibraryVersion() {
  SG_RETURN_IF_ERROR(LoadDuckDb());
  return std::string(duck.library_version());
}

DuckDbConnection::DuckDbConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckDbConnection::~DuckDbConnection() {
  duck.disconnect(&impl_->connection);
}

Status DuckDbConnection::Execute(std::string_view sql) {
  const std::string text(sql);
  ResultHandle result;
  if (duck.query(impl_->connection, text.c_str(), result.get()) != DuckDBSuccess)
    return ResultError(result, sql);
  return Ok();
}

Result<SqlRows> DuckDbConnection::Query(std::string_view sql,
                                        std::span<const SqlValue> parameters) {
  const std::string text(sql);
  StatementHandle statement;
  if (duck.prepare(impl_->connection, text.c_str(), statement.get()) != DuckDBSuccess) {
    const char* message = duck.prepare_error(*statement.get());
    return Error(KindOf(DUCKDB_ERROR_PARSER, message == nullptr ? "" : message),
                 fmt::format("DuckDB: {}", message == nullptr ? "no message" : message));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (Bind(*statement.get(), i + 1, parameters[i]) != DuckDBSuccess) {
      return Error(ErrorKind::kInternal,
                   fmt::format("DuckDB: parameter ${} cannot be bound", i + 1));
    }
  }
  ResultHandle result;
  if (duck.execute_prepared(*statement.get(), result.get()) != DuckDBSuccess)
    return ResultError(result, sql);
  return Collect(result);
}

void DuckDbConnection::Interrupt() {
  duck.interrupt(impl_->connection);
}

struct DuckDbStream::Impl {
  StatementHandle statement;
  ResultHandle result;
  std::vector<duckdb_type> types;
  SqlRows header;  // Columns, no rows.
};

DuckDbStream::DuckDbStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckDbStream::~DuckDbStream() = default;

Result<std::unique_ptr<DuckDbStream>> DuckDbConnection::Stream(std::string_view sql) {
  const std::string text(sql);
  auto stream = std::make_unique<DuckDbStream::Impl>();
  duckdb_prepared_statement* statement = stream->statement.get();
  if (duck.prepare(impl_->connection, text.c_str(), statement) != DuckDBSuccess) {
    const char* message = duck.prepare_error(*statement);
    return Error(KindOf(DUCKDB_ERROR_PARSER, message == nullptr ? "" : message),
                 fmt::format("DuckDB: {}", message == nullptr ? "no message" : message));
  }
  duckdb_pending_result pending = nullptr;
  const bool good = duck.pending_prepared_streaming(*statement, &pending) == DuckDBSuccess &&
                    duck.execute_pending(pending, stream->result.get()) == DuckDBSuccess;
  duck.destroy_pending(&pending);
  if (!good) return ResultError(stream->result, sql);
  SG_RETURN_IF_ERROR(ReadColumns(stream->result, stream->types, stream->header));
  return std::unique_ptr<DuckDbStream>(new DuckDbStream(std::move(stream)));
}

Result<SqlRows> DuckDbStream::Next() {
  SqlRows rows = impl_->header;
  duckdb_data_chunk chunk = duck.fetch_chunk(*impl_->result.get());
  if (chunk != nullptr) {
    AppendChunk(chunk, impl_->types, rows);
    duck.destroy_data_chunk(&chunk);
    return rows;
  }
  const char* message = duck.result_error(impl_->result.get());
  if (message != nullptr && *message != '\0') return ResultError(impl_->result, "a stream");
  return rows;
}

Status DuckDbConnection::Append(const std::string& table,
                                std::span<const std::vector<SqlValue>> rows) {
  duckdb_appender appender = nullptr;
  bool good =
      duck.appender_create(impl_->connection, nullptr, table.c_str(), &appender) == DuckDBSuccess;
  for (std::size_t row = 0; good && row < rows.size(); ++row) {
    for (const SqlValue& value : rows[row])
      good = good && AppendValue(appender, value) == DuckDBSuccess;
    good = good && duck.appender_end_row(appender) == DuckDBSuccess;
  }
  good = good && duck.appender_close(appender) == DuckDBSuccess;
  std::string why;
  if (!good && appender != nullptr) {
    const char* message = duck.appender_error(appender);
    why = message == nullptr ? "no message" : message;
  }
  duck.appender_destroy(&appender);
  if (good) return Ok();
  return Error(ErrorKind::kInternal,
               fmt::format("DuckDB: rows cannot be appended to {}: {}", table, why));
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace stargaze::storage
