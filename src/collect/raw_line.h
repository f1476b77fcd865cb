// One response as a line of the raw lake (docs/contracts.md "Raw lake").

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "collect/collect.h"
#include "collect/fetch.h"

namespace stargaze::collect {

struct RawLineOptions {
  int number = 1;  // Of the page, from 1.
  int64_t ordinal = 0;
  std::span<const registry::RepositoryRef> subjects{};  // Who was asked for.
};

// Without its line break; the body as it came, but for what must not be kept.
std::string RawLine(const CollectJob& job,
                    const model::Request& request,
                    const Page& page,
                    const RawLineOptions& options);

}  // namespace stargaze::collect
