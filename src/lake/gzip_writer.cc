#include "lake/gzip_writer.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace stargaze::lake {
namespace {

constexpr std::size_t kPiece = 256 << 10;

// igzip takes pointers to mutable bytes that it does not change.
unsigned char* Mutable(std::string_view bytes) {
  return reinterpret_cast<unsigned char*>(
      const_cast<char*>(bytes.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

}  // namespace

struct GzipWriter::Impl {
  isal_zstream stream{};
  std::vector<unsigned char> level_buffer = std::vector<unsigned char>(ISAL_DEF_LVL1_DEFAULT);
  std::string compressed;
  std::array<unsigned char, kPiece> out{};

  void Begin() {
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.flush = NO_FLUSH;
    compressed.clear();
  }

  // Runs the compressor until it has taken all input and, at the end, given all output.
  void Drain() {
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<uint32_t>(out.size());
      const int result = isal_deflate(&stream);
      SG_ASSERT(result == COMP_OK);
      compressed.append(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out);
    } while (stream.avail_out == 0 || stream.avail_in > 0);
  }
};

GzipWriter::GzipWriter() : impl_(std::make_unique<Impl>()) {
  impl_->Begin();
}
GzipWriter::~GzipWriter() = default;

void GzipWriter::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, std::size_t{1} << 30);
    impl_->stream.next_in = Mutable(piece);
    impl_->stream.avail_in = static_cast<uint32_t>(piece.size());
    impl_->Drain();
    bytes.remove_prefix(piece.size());
  }
}

int64_t GzipWriter::bytes() const {
  return static_cast<int64_t>(impl_->compressed.size());
}

std::string GzipWriter::Finish() {
  impl_->stream.end_of_stream = 1;
  impl_->stream.avail_in = 0;
  impl_->Drain();
  std::string finished = std::move(impl_->compressed);
  impl_->Begin();
  return finished;
}

Status Inflate(std::string_view gzip, const TextSink& sink) {
  std::vector<unsigned char> out(kPiece);
  while (!gzip.empty()) {
    inflate_state state{};
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = Mutable(gzip);
    state.avail_in = static_cast<uint32_t>(gzip.size());
    do {
      state.next_out = out.data();
      state.avail_out = static_cast<uint32_t>(out.size());
      if (isal_inflate(&state) != ISAL_DECOMP_OK)
        return Error(ErrorKind::kCorrupt, "damaged gzip data");
      SG_RETURN_IF_ERROR(
          sink({reinterpret_cast<const char*>(out.data()), out.size() - state.avail_out}));
      const bool starved = state.avail_in == 0 && state.avail_out != 0;
      if (starved && state.block_state != ISAL_BLOCK_FINISH)
        return Error(ErrorKind::kCorrupt, "gzip data is cut short");
    } while (state.block_state != ISAL_BLOCK_FINISH);
    gzip.remove_prefix(gzip.size() - state.avail_in);
  }
  return Ok();
}

Result<std::string> Gunzip(std::string_view gzip, int64_t bytes_max) {
  std::string text;
  SG_RETURN_IF_ERROR(Inflate(gzip, [&](std::string_view piece) -> Status {
    text += piece;
    if (static_cast<int64_t>(text.size()) <= bytes_max) return Ok();
    return Error(ErrorKind::kExhausted, "gzip data is larger than allowed");
  }));
  return text;
}

}  // namespace stargaze::lake
