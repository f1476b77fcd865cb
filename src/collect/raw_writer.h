// Responses on their way into the raw lake: one line each, in objects of one subject.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/gzip_writer.h"
#include "lake/object_store.h"
#include "model/manifest.h"

namespace stargaze::collect {

// Not safe for concurrent use.
class RawWriter {
 public:
  // Objects get `dataset`'s, `logical_date`'s and `attempt`'s names; they are seen once a manifest
  // names them.
  RawWriter(lake::ObjectStore& store,
            std::string dataset,
            Instant logical_date,
            std::string attempt)
      : store_(store),
        dataset_(std::move(dataset)),
        logical_date_(logical_date),
        attempt_(std::move(attempt)) {}

  // The ordinal of the next response; they run over the attempt.
  int64_t next_ordinal() const { return next_ordinal_; }

  // Adds one response's line, without its line break. Rolls over to a new object at 64 MiB
  // compressed.
  Status Append(std::string_view line);

  // Ends the subject and gives its objects.
  Result<std::vector<model::ManifestObject>> FinishSubject(const std::string& subject);

  // Deletes what the subject has written so far.
  void AbandonSubject();

  int64_t bytes_written() const { return bytes_written_; }

 private:
  Status Roll();

  lake::ObjectStore& store_;
  std::string dataset_;
  Instant logical_date_;
  std::string attempt_;
  lake::GzipWriter gzip_;
  std::vector<model::ManifestObject> objects_;
  int next_sequence_ = 0;
  int64_t next_ordinal_ = 0;
  int64_t lines_ = 0;  // In the object that is being written.
  int64_t bytes_written_ = 0;
};

}  // namespace stargaze::collect
