#include "sandbox/archive.h"

#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kTarBlock = 512;

struct StreamDeleter {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

Error TooLarge(const std::string& path, int64_t bytes_max) {
  return Error(
      ErrorKind::kExhausted,
      fmt::format("the file is larger than the limit: path={} bytes_max={}", path, bytes_max));
}

// An octal number of a tar header, padded with blanks or zeros.
Result<std::size_t> ReadOctal(std::string_view field) {
  const std::size_t begin = field.find_first_not_of(' ');
  std::size_t value = 0;
  if (begin == std::string_view::npos) return value;
  const auto [end, code] =
      std::from_chars(field.data() + begin, field.data() + field.size(), value, 8);
  const bool padded = end == field.data() + field.size() || *end == ' ' || *end == '\0';
  if (code != std::errc{} || !padded)
    return Error(ErrorKind::kCorrupt, "a tar header holds no octal number");
  return value;
}

std::string_view UntilNul(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

std::string MemberPath(std::string_view header) {
  // GNU archives ("ustar" and two blanks) keep other things where POSIX ones have the prefix.
  const bool has_prefix = header.substr(257, 6) == std::string_view("ustar\0", 6);
  const std::string_view prefix =
      has_prefix ? UntilNul(header.substr(345, 155)) : std::string_view();
  const std::string_view name = UntilNul(header.substr(0, 100));
  return prefix.empty() ? std::string(name) : fmt::format("{}/{}", prefix, name);
}

bool ChecksumHolds(std::string_view header, std::size_t expected) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) {
    const bool in_checksum_field = i >= 148 && i < 156;  // Counts as blanks.
    sum += in_checksum_field ? std::size_t{' '} : static_cast<unsigned char>(header[i]);
  }
  return sum == expected;
}

}  // namespace

Result<std::string> ReadPlainFile(const std::string& path, int64_t bytes_max) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Error(ErrorKind::kNotFound, fmt::format("cannot open the file {}", path));
  const auto size = static_cast<int64_t>(file.tellg());
  if (size > bytes_max) return TooLarge(path, bytes_max);
  std::string bytes(static_cast<std::size_t>(std::max<int64_t>(size, 0)), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    return Error(ErrorKind::kUnavailable, fmt::format("cannot read the file {}", path));
  }
  return bytes;
}

Result<std::string> ReadZstdFile(const std::string& path, int64_t bytes_max) {
  SG_TRY(const std::string compressed, ReadPlainFile(path, bytes_max));
  const std::unique_ptr<ZSTD_DStream, StreamDeleter> stream(ZSTD_createDStream());
  if (!stream) return Error(ErrorKind::kExhausted, "zstd has no memory for a decompressor");
  std::string plain;
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  std::size_t pending = 1;   // 0 where a frame has ended and all of it was given out.
  bool output_full = false;  // Then there may be more to come from what was read already.
  while (in.pos < in.size || (output_full && pending != 0)) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    pending = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(pending) != 0U) {
      return Error(ErrorKind::kCorrupt,
                   fmt::format("cannot decompress {}: {}", path, ZSTD_getErrorName(pending)));
    }
    output_full = out.pos == out.size;
    plain.append(chunk, 0, out.pos);
    if (static_cast<int64_t>(plain.size()) > bytes_max) return TooLarge(path, bytes_max);
  }
  if (pending != 0)
    return Error(ErrorKind::kCorrupt, fmt::format("the compressed file is cut short: {}", path));
  return plain;
}

Result<std::vector<ArchiveMember>> ListTar(std::string_view tar) {
  std::vector<ArchiveMember> members;
  for (std::size_t at = 0; at + kTarBlock <= tar.size();) {
    const std::string_view header = tar.substr(at, kTarBlock);
    if (header.find_first_not_of('\0') == std::string_view::npos) return members;  // The end mark.
    SG_TRY(const std::size_t checksum, ReadOctal(header.substr(148, 8)));
    if (!ChecksumHolds(header, checksum))
      return Error(ErrorKind::kCorrupt, "the checksum of a tar header is wrong");
    SG_TRY(const std::size_t size, ReadOctal(header.substr(124, 12)));
    at += kTarBlock;
    if (size > tar.size() - at) return Error(ErrorKind::kCorrupt, "the tar archive is cut short");
    const char type = header[156];
    if (type == '0' || type == '\0') members.push_back({MemberPath(header), tar.substr(at, size)});
    at += (size + kTarBlock - 1) / kTarBlock * kTarBlock;
  }
  return Error(ErrorKind::kCorrupt, "the tar archive has no end mark");
}

}  // namespace stargaze::sandbox
