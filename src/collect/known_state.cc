#include "collect/known_state.h"

#include <algorithm>
#include <vector>

#include "lake/cover.h"
#include "lake/manifest_codec.h"

namespace stargaze::collect {

using model::SubjectState;

Result<KnownState> KnownState::Read(const model::Dataset& dataset, lake::ObjectStore& lake) {
  KnownState state;
  SG_TRY(const std::vector<std::string> keys, Keys(dataset, lake));
  SG_RETURN_IF_ERROR(state.CatchUp(dataset, lake, keys));
  return state;
}

Result<std::vector<std::string>> KnownState::Keys(const model::Dataset& dataset,
                                                  lake::ObjectStore& lake) {
  SG_TRY(lake::Cover cover, lake::ListCover(lake, model::Layer::kRaw, dataset.name));
  return std::move(cover.keys);
}

bool KnownState::HasRead(const std::vector<std::string>& keys) const {
  return std::ranges::all_of(keys, [this](const std::string& key) { return read_.contains(key); });
}

Status KnownState::CatchUp(const model::Dataset& dataset,
                           lake::ObjectStore& lake,
                           const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (read_.contains(key)) continue;
    SG_TRY(const model::Manifest manifest, lake::ReadManifest(lake, key));
    for (const lake::PublishedManifest& attempt : lake::AttemptsOf(key, manifest))
      Apply(attempt.manifest, dataset);
  }
  read_ = std::set<std::string>(keys.begin(), keys.end());
  return Ok();
}

void KnownState::Apply(const model::Manifest& manifest, const model::Dataset& dataset) {
  const bool same_declaration = manifest.declaration_hash == dataset.hash;
  const std::string_view attempt = Kept(manifest.attempt);
  std::map<std::string, Version> versions;
  for (const model::SubjectOutcome& outcome : manifest.subjects) {
    if (outcome.state == SubjectState::kFailed) continue;
    const Version version{outcome.observed_at, attempt};
    versions[outcome.subject] = version;
    KnownSubject& known = subjects_[outcome.subject];
    if (same_declaration && outcome.state != SubjectState::kGone) known.filled = true;
    if (version <= known.version) continue;
    known.version = version;
    known.state = outcome.state;
  }
  if (!same_declaration) return;
  for (const model::PageState& page : manifest.pages) {
    const auto version = versions.find(page.subject);
    if (version == versions.end()) continue;
    KnownPage& known = pages_[{page.url, Kept(page.identity), Kept(page.accept)}];
    if (version->second > known.version)
      known = {.version = version->second, .etag = page.etag, .next = page.next};
  }
  for (const model::CursorState& cursor : manifest.cursors) {
    const auto version = versions.find(cursor.subject);
    if (version == versions.end()) continue;
    KnownCursor& known = cursors_[{cursor.subject, cursor.request}];
    if (version->second > known.version) known = {version->second, cursor.value};
  }
}

std::optional<std::string> KnownState::CursorOf(const std::string& subject,
                                                const std::string& request) const {
  const auto found = cursors_.find({subject, request});
  if (found == cursors_.end()) return std::nullopt;
  return found->second.value;
}

std::optional<model::PageState> KnownState::FindPage(const model::PageState& asked) const {
  const auto found = pages_.find({asked.url, asked.identity, asked.accept});
  if (found == pages_.end()) return std::nullopt;
  model::PageState page = asked;
  page.etag = found->second.etag;
  page.next = found->second.next;
  return page;
}

bool KnownState::IsFilled(const std::string& subject) const {
  const auto found = subjects_.find(subject);
  return found != subjects_.end() && found->second.filled;
}

std::optional<Instant> KnownState::GoneSince(const std::string& subject) const {
  const auto found = subjects_.find(subject);
  if (found == subjects_.end() || found->second.state != SubjectState::kGone) return std::nullopt;
  return found->second.version.first;
}

}  // namespace stargaze::collect
