#include "sandbox/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/suggest.h"
#include "sandbox/ascii.h"
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
                                                              "huge_text",
                                                              "server_error",
                                                              "storm",
                                                              "cut",
                                                              "no_body",
                                                              "slow_body",
                                                              "endless_body",
                                                              "accepted",
                                                              "clock_skew",
                                                              "wrong_json",
                                                              "resource_limits",
                                                              "query_timeout"};

constexpr std::string_view kRevokedToken = "revoked_token";
constexpr std::string_view kExpiredToken = "expired_token";
constexpr std::string_view kSeed = "seed";

constexpr std::size_t kHugeTextBytes = 10'000'000;

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

Status SetTokenFault(SandboxFaults& faults, std::string_view name, std::string_view value) {
  constexpr std::size_t kNamed = 4;
  TokenFault token{.last_four = std::string(value.substr(0, kNamed))};
  const std::string_view rest = value.substr(token.last_four.size());
  const bool expires = name == kExpiredToken;
  const auto from = expires && rest.starts_with('@') ? ParseInstant(rest.substr(1)) : std::nullopt;
  if (token.last_four.size() != kNamed || (expires ? !from.has_value() : !rest.empty())) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("a token is named by its last four characters, not '{}'", value))
        .Remedy(expires ? "write expired_token=f00d@2026-02-01T00:00:00Z"
                        : "write revoked_token=f00d");
  }
  if (from) token.from = *from;
  faults.tokens.push_back(std::move(token));
  return Ok();
}

Status SetSeed(SandboxFaults& faults, std::string_view value) {
  const char* end = value.data() + value.size();
  const auto [stopped_at, error] = std::from_chars(value.data(), end, faults.seed);
  if (error == std::errc() && stopped_at == end) return Ok();
  return Error(ErrorKind::kInvalidInput, fmt::format("not a seed of faults: '{}'", value))
      .Remedy("write for example seed=7");
}

// Twenty requests in a row make one storm.
bool IsInStorm(const SandboxFaults& faults, uint64_t ordinal) {
  constexpr uint64_t kStormRequests = 20;
  const auto storm = static_cast<std::size_t>(FaultKind::kStorm);
  return Unit01(Mix(Mix(faults.seed, storm), ordinal / kStormRequests)) < faults.rates[storm];
}

}  // namespace

std::string_view FaultName(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::span<const std::string_view> FaultNames() {
  return kNames;
}

std::optional<FaultKind> FaultNamed(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FaultKind>(found - kNames.begin());
}

Status SetFault(SandboxFaults& faults, std::string_view setting) {
  const std::size_t equals = setting.find('=');
  const std::string_view name = setting.substr(0, equals);
  if (name == kRevokedToken || name == kExpiredToken)
    return SetTokenFault(faults, name, setting.substr(std::min(setting.size(), name.size() + 1)));
  if (name == kSeed)
    return SetSeed(faults, setting.substr(std::min(setting.size(), name.size() + 1)));
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    std::vector<std::string> names(kNames.begin(), kNames.end());
    names.emplace_back(kRevokedToken);
    names.emplace_back(kExpiredToken);
    names.emplace_back(kSeed);
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("there is no fault '{}'{}", name, DidYouMean(name, names)))
        .Remedy(fmt::format("the faults are {}", fmt::join(names, ", ")));
  }
  const auto share =
      equals == std::string_view::npos ? std::nullopt : ShareOf(setting.substr(equals + 1));
  if (!share) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("a fault needs a share from 0 to 1: '{}'", setting))
        .Remedy(fmt::format("write for example {}=0.05", name));
  }
  faults.rates[static_cast<std::size_t>(found - kNames.begin())] = *share;
  return Ok();
}

std::optional<FaultKind> FaultOf(const SandboxFaults& faults, uint64_t ordinal) {
  if (IsInStorm(faults, ordinal)) return FaultKind::kStorm;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    const auto by_other_rules = static_cast<FaultKind>(kind);
    if (by_other_rules == FaultKind::kStorm || by_other_rules == FaultKind::kAccepted) continue;
    if (faults.rates[kind] <= 0) continue;
    if (Unit01(Mix(Mix(faults.seed, kind), ordinal)) < faults.rates[kind])
      return static_cast<FaultKind>(kind);
  }
  return std::nullopt;
}

bool IsComputed(const SandboxFaults& faults, std::string_view path) {
  const double rate = faults.rates[static_cast<std::size_t>(FaultKind::kAccepted)];
  uint64_t hash = faults.seed;
  for (const char c : path) hash = Mix(hash, static_cast<unsigned char>(c));
  return Unit01(hash) < rate;
}

std::optional<std::size_t> SpoilBody(FaultKind kind, uint64_t pick, JsonBody& body) {
  if (kind == FaultKind::kTruncated) {
    body.text.resize(body.text.size() * 3 / 5);
    return std::nullopt;
  }
  if (kind == FaultKind::kWrongJson) {
    body.text = body.text.starts_with('[') ? R"({"unexpected":true})" : R"(["unexpected"])";
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
