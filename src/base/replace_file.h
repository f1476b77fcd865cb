// Writing a whole file in place of another.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace stargaze {

// Whole or not at all, also after a kill (which may leave "<path>.new-…") and beside another
// writer: written beside it and renamed. Without a wait for the disk: a power cut may leave the old
// file, or an empty one. A new file gets `mode` (open(2)); an old one keeps its own. Where `path`
// is a link, what it points to is replaced. kInvalidInput where it is no regular file; kNotFound
// without the folder; kUnauthorized where writing is not allowed; kExhausted for a full disk;
// kInternal for the rest; each names the file.
Status ReplaceFile(const std::string& path, std::string_view text, mode_t mode = 0644);

// The whole text, of a pipe too; kNotFound without the file, kUnauthorized where reading is not
// allowed, kInternal where it fails.
Result<std::string> ReadWholeFile(const std::string& path);

}  // namespace stargaze
