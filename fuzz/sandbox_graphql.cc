// Hostile GraphQL requests: whatever is posted, reading it ends, and answering it stays bounded.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sandbox/generated_world.h"
#include "sandbox/graphql_endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const auto world = stargaze::sandbox::GeneratedWorld::Create({.repositories = 20}).value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stargaze::sandbox::PostedQuery posted = stargaze::sandbox::ReadQuery(text);
  stargaze::sandbox::graphql::Document document;
  stargaze::sandbox::graphql::SyntaxError error;
  stargaze::sandbox::graphql::ParseDocument(text, document, error);
  if (posted.query) {
    stargaze::sandbox::AnswerQuery(
        *posted.query,
        *world,
        {.now = world->timeline().start + std::chrono::hours(30), .resources_max = 200});
  }
  return 0;
}
