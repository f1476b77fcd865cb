// The pointer to what is published: published/current.json.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "warehouse/published_reader.h"

namespace stargaze::warehouse {

// File paths in a pointer are relative to the published directory; a Publication's are made
// absolute.
std::string PointerPath(const std::string& directory);

// nullopt when nothing has been published; kCorrupt when the pointer cannot be read.
Result<std::optional<Publication>> ReadPointer(const std::string& directory);

// Swaps the pointer by a rename: readers see the old one or the new one.
Status WritePointer(const std::string& directory, const Publication& publication);

}  // namespace stargaze::warehouse
