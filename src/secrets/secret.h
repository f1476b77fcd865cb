// A text that nobody may see: it has no way into a stream or a format string but Reveal().

#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace stargaze::secrets {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  // For the header that carries it, and nothing else.
  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  // How messages name it: its last four characters, where enough others remain unknown.
  std::string Label() const {
    constexpr std::size_t kShown = 4;
    constexpr std::size_t kLengthMin = 16;
    return text_.size() < kLengthMin ? "…" : "…" + text_.substr(text_.size() - kShown);
  }

 private:
  std::string text_;
};

}  // namespace stargaze::secrets
