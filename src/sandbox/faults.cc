#include "sandbox/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {"incomplete",
                                                              "bad_gateway",
                                                              "secondary_limit",
                                                              "secondary_retry_after",
                                                              "html",
                                                              "truncated",
                                                              "wrong_type",
                                                              "missing_field",
                                                              "invalid_utf8",
                                                              "duplicate_items",
                                                              "huge_text"};

constexpr std::size_t kHugeTextBytes = 10'000'000;

// A share between 0 and 1 in plain decimals; other locales' commas never count.
std::optional<double> ReadShare(std::string_view text) {
  double value = 0;
  double unit = 1;
  bool after_point = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9' || text.size() > 12) return std::nullopt;
    any = true;
    if (after_point) {
      value += (c - '0') * (unit /= 10);
    } else {
      value = value * 10 + (c - '0');
    }
  }
  return any && value <= 1 ? std::optional(value) : std::nullopt;
}

// Replaces what stands between the end of `begin_mark` and the next `end_mark` behind it.
void ReplaceBetween(std::string& text,
                    std::size_t from,
                    std::string_view begin_mark,
                    std::string_view end_mark,
                    std::string_view by) {
  const std::size_t mark = text.find(begin_mark, from);
  if (mark == std::string::npos) return;
  const std::size_t begin = mark + begin_mark.size();
  const std::size_t end = text.find(end_mark, begin);
  if (end != std::string::npos) text.replace(begin, end - begin, by);
}

void RemoveFullName(std::string& text, std::size_t from) {
  constexpr std::string_view kField = "\"full_name\":\"";
  const std::size_t begin = text.find(kField, from);
  if (begin == std::string::npos) return;
  const std::size_t end = text.find("\",", begin + kField.size());
  if (end != std::string::npos) text.erase(begin, end + 2 - begin);
}

void RepeatItem(JsonBody& body, std::size_t index) {
  const std::size_t begin = body.items[index];
  const bool is_last = index + 1 == body.items.size();
  const std::size_t end =
      is_last ? body.text.rfind(']') : body.items[index + 1] - 1;  // Without the comma.
  body.text.insert(begin, body.text.substr(begin, end - begin) + ",");
}

}  // namespace

std::string_view FaultName(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

Status SetFault(SandboxFaults& faults, std::string_view setting) {
  const std::size_t equals = setting.find('=');
  const std::string_view name = setting.substr(0, equals);
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    const std::vector<std::string> names(kNames.begin(), kNames.end());
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("there is no fault '{}'{}", name, DidYouMean(name, names)))
        .Remedy(fmt::format("the faults are {}", fmt::join(names, ", ")));
  }
  const auto share =
      equals == std::string_view::npos ? std::nullopt : ReadShare(setting.substr(equals + 1));
  if (!share) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("a fault needs a share from 0 to 1: '{}'", setting))
        .Remedy(fmt::format("write for example {}=0.05", name));
  }
  faults.rates[static_cast<std::size_t>(found - kNames.begin())] = *share;
  return Ok();
}

std::optional<FaultKind> FaultOf(const SandboxFaults& faults, uint64_t ordinal) {
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (faults.rates[kind] <= 0) continue;
    if (Unit01(Mix(Mix(faults.seed, kind), ordinal)) < faults.rates[kind])
      return static_cast<FaultKind>(kind);
  }
  return std::nullopt;
}

std::optional<std::size_t> SpoilBody(FaultKind kind, uint64_t pick, JsonBody& body) {
  if (kind == FaultKind::kTruncated) {
    body.text.resize(body.text.size() * 3 / 5);
    return std::nullopt;
  }
  if (body.items.empty()) return std::nullopt;
  const std::size_t index = pick % body.items.size();
  const std::size_t from = body.items[index];
  switch (kind) {
    case FaultKind::kWrongType:
      ReplaceBetween(body.text, from, "\"stargazers_count\":", ",", "\"many\"");
      break;
    case FaultKind::kMissingField:
      RemoveFullName(body.text, from);
      break;
    case FaultKind::kInvalidUtf8:
      ReplaceBetween(body.text, from, "\"default_branch\":\"", "\"", "\xff\xfe main");
      break;
    case FaultKind::kDuplicateItems:
      RepeatItem(body, index);
      break;
    case FaultKind::kHugeText:
      ReplaceBetween(body.text,
                     from,
                     "\"description\":",
                     ",\"fork\":",
                     '"' + std::string(kHugeTextBytes, 'x') + '"');
      break;
    default:
      return std::nullopt;
  }
  return index;
}

}  // namespace stargaze::sandbox
