// The part of GitHub's GraphQL schema that the sandbox has: one table of fields.

#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world.h"

namespace stargaze::sandbox::graphql {

enum class Type : unsigned char {
  kScalar,
  kQuery,
  kRepository,
  kOwner,
  kLicense,
  kLanguage,
  kCounted,  // A connection of which only totalCount is served.
  kReleaseConnection,
  kReleaseEdge,
  kRelease,
  kPageInfo,
  kRateLimit,
};

struct RateLimitView {
  int64_t limit = 0;
  int64_t cost = 0;
  int64_t remaining = 0;
  int64_t used = 0;
  int64_t reset_seconds = 0;
  int64_t node_count = 0;
};

// One value of an object type. The lists that it points into live as long as the execution.
struct Object {
  Type type = Type::kQuery;
  std::string_view name{};  // What __typename says.
  const Repository* repository = nullptr;
  int64_t releases = 0;  // Of the repository.
  int64_t count = 0;
  std::span<const Release> window{};  // Of a connection: the page.
  int64_t offset = 0;                 // Where the page begins.
  const Release* release = nullptr;
  const RateLimitView* rate = nullptr;
};

// Writes a scalar of an object as JSON.
using ScalarWriter = void (*)(std::string& out, const Object& object);

struct FieldSpec {
  Type parent{};
  std::string_view name{};
  Type type = Type::kScalar;
  ScalarWriter write = nullptr;  // Of scalars only.
  std::string_view arguments{};  // Those it accepts: " first after "; each between blanks.
  bool is_connection = false;    // Counts in the cost.
};

// nullptr when the type has no such field.
const FieldSpec* FindField(Type parent, std::string_view name);
std::string_view TypeName(Type type);

// The cursor of the n-th release, and back; -1 for what is none.
std::string CursorOf(int64_t position);
int64_t PositionOf(std::string_view cursor);

}  // namespace stargaze::sandbox::graphql
