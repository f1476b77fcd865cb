// What published manifests say of earlier walks: ETags, chains of pages, who is gone. Nothing else
// is believed: an attempt that ended before its manifest left no trace here.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/manifest.h"

namespace stargaze::collect {

class KnownState {
 public:
  // Reads every raw manifest of the dataset; ETags only of those that this very declaration made.
  static Result<KnownState> Read(const model::Dataset& dataset, lake::ObjectStore& lake);

  // Of the manifests that there are to be read now.
  static Result<std::vector<std::string>> Keys(const model::Dataset& dataset,
                                               lake::ObjectStore& lake);
  bool HasRead(const std::vector<std::string>& keys) const;
  // Reads those of `keys` that it has not read; of the same declaration as the earlier ones.
  Status CatchUp(const model::Dataset& dataset,
                 lake::ObjectStore& lake,
                 const std::vector<std::string>& keys);

  void Apply(const model::Manifest& manifest, const model::Dataset& dataset);

  // The page as it was last answered to the same identity, URL and Accept; nullptr: never.
  const model::PageState* FindPage(const model::PageState& asked) const;
  // All pages of the subject have been published once.
  bool IsFilled(const std::string& subject) const;
  // Since when the last attempt says that the subject is gone.
  std::optional<Instant> GoneSince(const std::string& subject) const;
  std::size_t pages() const { return pages_.size(); }

 private:
  using Version = std::pair<Instant, std::string>;  // The larger one wins.
  struct KnownSubject {
    Version version{};
    model::SubjectState state = model::SubjectState::kFailed;
    bool filled = false;
  };
  struct KnownPage {
    Version version{};
    model::PageState page{};
  };

  std::set<std::string> read_;  // Keys of manifests; those that a compaction has replaced go.
  std::map<std::string, KnownSubject> subjects_;
  std::map<std::string, KnownPage> pages_;
};

}  // namespace stargaze::collect
