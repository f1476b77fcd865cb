// What published manifests say of earlier walks: ETags, chains of pages, who is gone. Nothing else
// is believed: an attempt that ended before its manifest left no trace here.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

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

  void Apply(const model::Manifest& manifest, const model::Dataset& dataset);

  // The page as it was last answered to the same identity, URL and Accept; nullptr: never.
  const model::PageState* FindPage(const model::PageState& asked) const;
  // All pages of the subject have been published once.
  bool IsFilled(const std::string& subject) const;
  // Since when the last attempt says that the subject is gone.
  std::optional<Instant> GoneSince(const std::string& subject) const;

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

  std::map<std::string, KnownSubject> subjects_;
  std::map<std::string, KnownPage> pages_;
};

}  // namespace stargaze::collect
