// What published manifests say of earlier walks: ETags, chains of pages, who is gone. Nothing else
// is believed: an attempt that ended before its manifest left no trace here.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

  // The page as it was last answered to the same identity, URL and Accept; nullopt: never.
  std::optional<model::PageState> FindPage(const model::PageState& asked) const;
  // How far the request's walk of the subject has come (model/cursor_value.h); nullopt: never
  // walked, or nothing was there.
  std::optional<std::string> CursorOf(const std::string& subject, const std::string& request) const;
  // All pages of the subject have been published once.
  bool IsFilled(const std::string& subject) const;
  // Since when the last attempt says that the subject is gone.
  std::optional<Instant> GoneSince(const std::string& subject) const;
  std::size_t pages() const { return pages_.size(); }

 private:
  // The larger one wins. Attempts' names are kept once, as are the other texts that repeat: a
  // hundred thousand repositories have as many pages and more.
  using Version = std::pair<Instant, std::string_view>;
  struct KnownSubject {
    Version version{};
    model::SubjectState state = model::SubjectState::kFailed;
    bool filled = false;
  };
  struct PageKey {
    std::string url{};
    std::string_view identity{};
    std::string_view accept{};
    // clang-tidy 14 takes the comparison with 0 for a pointer's.
    // NOLINTNEXTLINE(modernize-use-nullptr)
    auto operator<=>(const PageKey&) const = default;
  };
  struct KnownPage {
    Version version{};
    std::string etag{};
    std::string next{};
  };

  struct KnownCursor {
    Version version{};
    std::string value{};
  };

  std::string_view Kept(const std::string& text) { return *texts_->insert(text).first; }

  // Copies share it: only the newest one adds to it, and what is there never moves.
  std::shared_ptr<std::set<std::string>> texts_ = std::make_shared<std::set<std::string>>();
  std::set<std::string> read_;  // Keys of manifests; those that a compaction has replaced go.
  std::map<std::string, KnownSubject> subjects_;
  std::map<PageKey, KnownPage> pages_;
  std::map<std::pair<std::string, std::string>, KnownCursor> cursors_;  // By subject and request.
};

}  // namespace stargaze::collect
