// Whether a repository is there, as the source said last: a cache over the raw manifests.

#pragma once

#include <optional>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/manifest.h"
#include "storage/sqlite.h"

namespace stargaze::registry {

// The source's last word on a repository that was asked for.
struct RepositoryState {
  std::string name{};  // "present", "renamed", "transferred", "not_found", "replaced" (not found,
                       // and another repository has its name), "gone", "legal" or "forbidden".
  Instant since{};     // When it was first said in a row, of the words taken over in order.
  Instant observed_at{};    // When it was last said.
  std::string full_name{};  // As the source gave it last; empty: it never did.
};

// Makes the table where there is none, or none of today's columns; true: it has been made.
// `database` is the registry's.
Result<bool> CreateStates(storage::Sqlite& database);

// Everything that the lake's raw manifests say, in the order of their beginnings.
Status ReplayStates(lake::ObjectStore& lake, storage::Sqlite& database);

// Takes over what one raw manifest says of its subjects. Manifests may come twice and in any order:
// the newest word by (observed_at, attempt) holds. A failed subject says nothing.
Status ApplyStates(const model::Manifest& raw, storage::Sqlite& database);

// nullopt: never asked for.
Result<std::optional<RepositoryState>> StateOf(int64_t repository_id, storage::Sqlite& database);

}  // namespace stargaze::registry
