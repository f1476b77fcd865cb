// The one error channel of the product.
//
// Every function that can fail for a reason outside the program's control (network, disk,
// a remote schema, a user's configuration) returns Result<T>, or Status when there is no value.
// Broken invariants are not errors: they stop the process through SG_ASSERT.

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "base/error.h"

namespace stargaze {

template <typename T>
class [[nodiscard]] Result {
 public:
  // Not explicit: `return value;` and `return Error(…);` are how a function answers.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  // Calling the wrong one is a bug in the caller and stops the process.
  T& value() & { return Held<0>(state_); }
  const T& value() const& { return Held<0>(state_); }
  T&& value() && { return std::move(Held<0>(state_)); }
  const Error& error() const& { return Held<1>(state_); }
  Error&& error() && { return std::move(Held<1>(state_)); }

 private:
  template <int kIndex, typename State>
  static auto& Held(State& state) {
    auto* held = std::get_if<kIndex>(&state);
    SG_ASSERT(held != nullptr);
    return *held;
  }

  std::variant<T, Error> state_;
};

using Unit = std::monostate;
using Status = Result<Unit>;
inline Status Ok() {
  return Unit{};
}

}  // namespace stargaze

#define SG_CONCAT_IMPL(a, b) a##b
#define SG_CONCAT(a, b) SG_CONCAT_IMPL(a, b)
#define SG_TRY_IMPL(tmp, declaration, ...)      \
  auto tmp = (__VA_ARGS__);                     \
  if (!tmp.ok()) return std::move(tmp).error(); \
  declaration = std::move(tmp).value()

// Unwraps into a declaration or returns the error: SG_TRY(auto page, client.Get(url));
#define SG_TRY(declaration, ...) \
  SG_TRY_IMPL(SG_CONCAT(sg_try_, __COUNTER__), declaration, __VA_ARGS__)

#define SG_RETURN_IF_ERROR_IMPL(tmp, ...)      \
  do {                                         \
    if (auto tmp = (__VA_ARGS__); !tmp.ok()) { \
      return std::move(tmp).error();           \
    }                                          \
  } while (false)

// Returns the error of a Status, continues otherwise: SG_RETURN_IF_ERROR(store.Put(key, bytes));
#define SG_RETURN_IF_ERROR(...) \
  SG_RETURN_IF_ERROR_IMPL(SG_CONCAT(sg_status_, __COUNTER__), __VA_ARGS__)
