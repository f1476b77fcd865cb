// Compresses text into gzip in memory, fast (ISA-L).

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stargaze::lake {

// One gzip member. Not safe for concurrent use.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void Append(std::string_view bytes);

  // Compressed bytes so far; some input is still inside the compressor.
  int64_t bytes() const;

  // Ends the member and gives it; the writer is empty again.
  std::string Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes the text piece by piece; an error ends the reading.
using TextSink = std::function<Status(std::string_view piece)>;

// Gives all members of a gzip text to `sink`. kCorrupt when it is damaged or cut short.
Status Inflate(std::string_view gzip, const TextSink& sink);

// All members of a gzip text. kCorrupt when it is damaged; kExhausted when it is longer than
// `bytes_max`.
Result<std::string> Gunzip(std::string_view gzip, int64_t bytes_max);

}  // namespace stargaze::lake
