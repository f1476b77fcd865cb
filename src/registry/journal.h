// The journal of membership: table repository_membership in the analytics lake.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "registry/registry.h"

namespace stargaze::registry {

// One version of one interval. A closed interval is a new version of the same key (repository,
// rule, followed_from).
struct JournalRow {
  RepositoryRef repository{};
  std::string rule{};
  Instant followed_from{};
  std::optional<Instant> followed_to{};
};

class Journal {
 public:
  Journal(const RegistryOptions& options,
          lake::ObjectStore& lake,
          storage::DuckDb& engine,
          Clock& clock,
          Random& random)
      : options_(options), lake_(lake), engine_(engine), clock_(clock), random_(random) {}

  // Puts the rows and their manifest; gives the manifest's key.
  Result<std::string> Write(const std::string& rule, const std::vector<JournalRow>& rows);

  // Keys of all manifests, oldest first: an attempt's name begins with the instant it was made at.
  Result<std::vector<std::string>> Keys();
  Result<std::vector<JournalRow>> Read(const std::string& manifest_key);

 private:
  RegistryOptions options_;
  lake::ObjectStore& lake_;
  storage::DuckDb& engine_;
  Clock& clock_;
  Random& random_;
};

}  // namespace stargaze::registry
