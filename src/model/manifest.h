// What an attempt published. The manifest is put last: an object that no manifest names does not
// exist for readers. One form for raw, analytics and membership journals.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"

namespace stargaze::model {

enum class Layer { kRaw, kAnalytics };

struct ManifestObject {
  std::string key{};      // In the lake.
  std::string table{};    // Analytics: whose rows; empty in raw manifests.
  std::string subject{};  // Raw: whose responses; empty in analytics manifests.
  int64_t bytes = 0;
  uint32_t crc32c = 0;        // Castagnoli, over the object's bytes as stored.
  int64_t lines = 0;          // Raw: responses. Analytics: rows.
  int64_t first_ordinal = 0;  // Raw: ordinal of the first line; line n has first_ordinal + n - 1.
  // Of a part of a compacted manifest: where the bytes begin in the stored object, and the key that
  // they had before, which quarantine entries name. Raw bytes are moved as they are; of analytics
  // rows `bytes` and `crc32c` are those of the former object.
  int64_t offset = 0;
  std::string origin{};
};

enum class SubjectState { kChanged, kUnchanged, kFailed, kGone };

// What became of one subject (a followed repository, or a request's walk where nothing is
// followed).
struct SubjectOutcome {
  std::string subject{};  // "repository_id=10270250" or the request's name.
  SubjectState state = SubjectState::kChanged;
  Instant observed_at{};    // Of the last answer; of the failure when there was none.
  std::string kind{};       // kFailed: name of the ErrorKind. kGone: "not_found", "gone",
                            // "legal", "forbidden". kChanged: "renamed" or "transferred" when its
                            // name was another one before.
  std::string full_name{};  // As the answer gave it, where the declaration says where it stands.
  std::string message{};    // kFailed: what happened.
  int status = 0;           // HTTP status of the last answer, 0 without one.
  int tries = 1;
};

// What a later attempt may build on, once this manifest is published: a page's ETag, and which page
// came after it, because a 304 carries no Link.
struct PageState {
  std::string subject{};
  std::string request{};   // Its name in the declaration.
  std::string identity{};  // Of the credential that asked: ETags differ by it, by URL and Accept.
  std::string url{};
  std::string accept{};
  std::string etag{};
  std::string next{};  // URL of the next page; empty: it was the last one.

  friend bool operator==(const PageState&, const PageState&) = default;
};

// How far a request's walk has come, once this manifest is published.
struct CursorState {
  std::string subject{};
  std::string request{};
  std::string value{};  // See model/cursor_value.h.

  friend bool operator==(const CursorState&, const CursorState&) = default;
};

struct RequestCounts {
  int64_t sent = 0;
  int64_t charged = 0;  // Counted by the source against a limit.
  int64_t retried = 0;
};

struct Manifest {
  int version = 1;
  Layer layer = Layer::kRaw;
  std::string host{};     // Base URL of the source.
  bool sandbox = false;   // Simulated data; never mixed with real data in one data folder.
  std::string dataset{};  // "github/repository"
  int schema_version = 1;
  std::string declaration_hash{};
  std::string attempt{};  // Attempt::Name()
  std::string dag_id{};
  std::string run_id{};
  Instant logical_date{};
  Instant started_at{};
  Instant ended_at{};
  bool complete = true;  // Every subject was walked to its end.
  std::vector<ManifestObject> objects{};
  std::vector<SubjectOutcome> subjects{};
  std::vector<PageState> pages{};
  std::vector<CursorState> cursors{};  // Of those that have moved.
  RequestCounts requests{};
  std::string raw_manifest{};  // Analytics: key of the manifest it was refined from.
  std::map<std::string, int64_t> quarantined{};  // Analytics: table → records and values set aside.
  // Compaction: keys of the manifests whose place this one takes, and those manifests themselves,
  // their objects pointing into this one's. A compacted manifest has no subjects of its own.
  std::vector<std::string> supersedes{};
  std::vector<Manifest> parts{};
};

std::string_view NameOf(SubjectState state);
std::string_view NameOf(Layer layer);
std::optional<SubjectState> ParseSubjectState(std::string_view name);

}  // namespace stargaze::model
