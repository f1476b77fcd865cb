#include "secrets/secret_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace stargaze::secrets {
namespace {

constexpr std::size_t kFileBytesMax = 64U << 10U;

class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

Result<Secret> EnvironmentSecrets::Get(const std::string& name) {
  const auto found = variables_.find(name);
  if (found == variables_.end() || found->second.empty())
    return Error(ErrorKind::kNotFound, "the variable is not set: " + name);
  return Secret(found->second);
}

Result<Secret> FileSecrets::Get(const std::string& path) {
  const File file(path);
  struct stat facts {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return Error(ErrorKind::kNotFound, "the file of a secret cannot be read: " + path);
  // Of the open file, so that nobody can swap it between the check and the read.
  if ((facts.st_mode & 0077U) != 0) {
    return Error(ErrorKind::kUnauthorized, "others may read the file of a secret: " + path)
        .Remedy("chmod 600 " + path);
  }
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::read(file.descriptor(), block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kFileBytesMax)
      return Error(ErrorKind::kInvalidInput, "the file is too large for a secret: " + path);
  }
  return Secret(std::move(text));
}

}  // namespace stargaze::secrets
