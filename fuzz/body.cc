// A source's body: what is accepted can be kept, stays JSON on one line, has no address left that
// was to be cut, and keeping it once more changes nothing. Its first byte chooses the declaration.

#include "collect/body.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/assert.h"

namespace stargaze::collect {
namespace {

model::JsonPath Path(const char* text) {
  return model::ParseJsonPath(text).value();
}

model::Dataset DatasetOf(bool is_list, bool drops) {
  model::Dataset dataset;
  dataset.name = "fuzz/thing";
  dataset.records = Path(is_list ? "$.items[*]" : "$");
  if (drops) dataset.drop = {Path("$.items[*].note"), Path("$.secret")};
  dataset.tables.emplace_back();
  return dataset;
}

model::Request RequestOf(unsigned choice) {
  model::Request request;
  request.retry_when = {{Path("$.incomplete"), "true"}};
  request.paginate.next = Path("$.meta.next");
  if (choice % 3 == 1) request.paginate.kind = model::PaginationKind::kCursor;
  if (choice % 3 == 2) {
    request.paginate.kind = model::PaginationKind::kPageInfo;
    request.kind = model::RequestKind::kGraphql;
    request.graphql.emplace();
  }
  return request;
}

void Try(unsigned choice, std::string_view body) {
  static BodyReader reader;
  const model::Dataset dataset = DatasetOf((choice & 64U) == 0, (choice & 128U) != 0);
  const Result<PageFacts> facts = reader.Read(body, dataset, RequestOf(choice & 63U));
  if (!facts.ok()) return;
  SG_ASSERT(facts.value().records >= 0 && facts.value().points >= 0);
  SG_ASSERT(!facts.value().next || !facts.value().next->empty());
  const std::string kept = Kept(body, dataset);
  SG_ASSERT(kept.find('\n') == std::string::npos);
  boost::system::error_code malformed;
  boost::json::parse(kept, malformed);
  // Boost's reader goes 32 levels deep, simdjson's further; duplicate keys are fine with both.
  SG_ASSERT(!malformed || malformed == boost::json::error::too_deep ||
            malformed == boost::json::error::exponent_overflow);
  SG_ASSERT(malformed || Kept(kept, dataset) == kept);
}

}  // namespace
}  // namespace stargaze::collect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  stargaze::collect::Try(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
