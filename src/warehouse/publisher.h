// Writes what changed in the warehouse as Parquet behind a pointer, for everybody who reads.

#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/dataset.h"
#include "storage/duckdb.h"

namespace stargaze::warehouse {

struct PublishOptions {
  std::string directory{};
  bool sandbox = false;
};

// Writes changed tables (tables kept by day: changed days only) into a folder of a new version,
// swaps the pointer, forgets the changes, deletes the files of versions before the last.
// Interrupted anywhere, the next call does it again.
Status PublishChanges(storage::DuckDbConnection& connection,
                      const model::Catalog& catalog,
                      const PublishOptions& options,
                      Clock& clock);

}  // namespace stargaze::warehouse
