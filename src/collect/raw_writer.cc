#include "collect/raw_writer.h"

#include "base/crc32c.h"
#include "lake/layout.h"

namespace stargaze::collect {
namespace {

constexpr int64_t kObjectBytes = int64_t{64} << 20;

}  // namespace

Status RawWriter::Append(std::string_view line) {
  gzip_.Append(line);
  gzip_.Append("\n");
  ++lines_;
  ++next_ordinal_;
  return gzip_.bytes() >= kObjectBytes ? Roll() : Ok();
}

Status RawWriter::Roll() {
  if (lines_ == 0) return Ok();
  const std::string bytes = gzip_.Finish();
  const std::string key = lake::RawObjectKey(dataset_, logical_date_, attempt_, next_sequence_++);
  const int64_t lines = std::exchange(lines_, 0);
  SG_RETURN_IF_ERROR(store_.Put(key, bytes, lake::PutMode::kIfAbsent));
  bytes_written_ += static_cast<int64_t>(bytes.size());
  objects_.push_back({.key = key,
                      .bytes = static_cast<int64_t>(bytes.size()),
                      .crc32c = Crc32c(bytes),
                      .lines = lines,
                      .first_ordinal = next_ordinal_ - lines});
  return Ok();
}

Result<std::vector<model::ManifestObject>> RawWriter::FinishSubject(const std::string& subject) {
  SG_RETURN_IF_ERROR(Roll());
  std::vector<model::ManifestObject> finished = std::exchange(objects_, {});
  for (model::ManifestObject& object : finished) object.subject = subject;
  return finished;
}

void RawWriter::AbandonSubject() {
  if (lines_ > 0) (void)gzip_.Finish();
  lines_ = 0;
  // What cannot be deleted now is an orphan, which no reader sees and `lake verify` lists.
  for (const model::ManifestObject& object : objects_) (void)store_.Delete(object.key);
  objects_.clear();
}

}  // namespace stargaze::collect
