#include "sandbox/world.h"

#include <algorithm>

namespace stargaze::sandbox {

bool IsNamePart(std::string_view text) {
  constexpr std::size_t kBytesMax = 100;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !text.empty() && text.size() <= kBytesMax &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

const Repository* Snapshot::Find(int64_t id) const {
  const auto found = std::ranges::lower_bound(
      repositories, id, {}, [](const Repository& repository) { return repository.profile->id; });
  return found != repositories.end() && found->profile->id == id ? &*found : nullptr;
}

}  // namespace stargaze::sandbox
