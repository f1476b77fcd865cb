// A response's body: is it what the declaration expects, what does it say about the walk, and what
// may be kept of it.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/dataset.h"

namespace stargaze::collect {

// What a walk needs to know of a page.
struct PageFacts {
  int64_t records = 0;
  std::optional<int64_t> total{};  // At Split::total.
  std::optional<std::string>
      first_value{};   // Of the first record, at the column that the search is split by; JSON text.
  bool retry = false;  // A retry_when holds: the source asks to be asked again.
  // kCursor, kPageInfo: what the next page is asked for with; absent on the last.
  std::optional<std::string> next{};
  // With a cursor: the largest value of its column, as model/cursor_value.h counts.
  std::optional<int64_t> largest{};
  int64_t points = 0;  // GraphQL: what the answer says that it cost.
};

// Parses and checks bodies. Not safe for concurrent use: it keeps its buffers.
class BodyReader {
 public:
  BodyReader();
  ~BodyReader();
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // kCorrupt when it is no JSON, cut short, not UTF-8, or has no records where the declaration
  // says. GraphQL: kNotFound when the subject is not there, kUnavailable for any other error.
  Result<PageFacts> Read(std::string_view body,
                         const model::Dataset& dataset,
                         const model::Request& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Minified JSON without e-mail addresses and without what the declaration drops. `body` must be
// valid JSON.
std::string Kept(std::string_view body, const model::Dataset& dataset);

// Replaces what looks like an e-mail address inside JSON text; clone addresses (git@host:…) stay.
// For tests apart.
void CutEmailAddresses(std::string& json);

}  // namespace stargaze::collect
