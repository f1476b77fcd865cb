#include "model/manifest.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace stargaze::model {
namespace {

constexpr std::array<std::string_view, 4> kStates{"changed", "unchanged", "failed", "gone"};
constexpr std::array<std::string_view, 2> kLayers{"raw", "analytics"};

}  // namespace

std::string_view NameOf(SubjectState state) {
  return kStates.at(static_cast<std::size_t>(state));
}
std::string_view NameOf(Layer layer) {
  return kLayers.at(static_cast<std::size_t>(layer));
}

std::optional<SubjectState> ParseSubjectState(std::string_view name) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<SubjectState>(i);
  }
  return std::nullopt;
}

}  // namespace stargaze::model
