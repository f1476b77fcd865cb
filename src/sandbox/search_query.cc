#include "sandbox/search_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "sandbox/ascii.h"

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kQueryBytesMax = 1'024;
constexpr std::size_t kWordBytesMax = 256;  // GitHub's bound on what is no qualifier.

struct Token {
  bool negated = false;
  std::string qualifier{};  // Empty: a word.
  std::string value{};
};

// Up to the next blank outside quotes; the quotes go.
std::string TakeText(std::string_view& rest) {
  std::string text;
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (quoted || rest[i] != ' '); ++i) {
    if (rest[i] == '"') {
      quoted = !quoted;
    } else {
      text += rest[i];
    }
  }
  rest.remove_prefix(i);
  return text;
}

Token TakeToken(std::string_view& rest) {
  Token token;
  token.negated = rest.starts_with('-');
  if (token.negated) rest.remove_prefix(1);
  const std::size_t colon = rest.find_first_of(": \"");
  if (colon != std::string_view::npos && colon > 0 && rest[colon] == ':') {
    token.qualifier = Lower(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  token.value = TakeText(rest);
  return token;
}

Error Refused(const Token& token) {
  return Error(ErrorKind::kInvalidInput,
               fmt::format("the sandbox does not understand this part of the query: {}{}{}",
                           token.qualifier,
                           token.qualifier.empty() ? "" : ":",
                           token.value));
}

void Narrow(auto& range, const auto& by) {
  range.min = std::max(range.min, by.min);
  range.max = std::min(range.max, by.max);
}

void Add(TextFilter& filter, const Token& token) {
  (token.negated ? filter.none_of : filter.any_of).push_back(Lower(token.value));
}

// True when the token was a qualifier with texts.
bool ApplyText(SearchQuery& query, const Token& token) {
  if (token.qualifier == "license") {
    Add(query.license, token);
  } else if (token.qualifier == "language") {
    Add(query.language, token);
  } else if (token.qualifier == "user" || token.qualifier == "org") {
    Add(query.owner, token);
  } else if (token.qualifier == "topic") {
    (token.negated ? query.without_topics : query.topics).push_back(Lower(token.value));
  } else {
    return false;
  }
  return true;
}

// True when the token was understood.
bool ApplyRange(SearchQuery& query, const Token& token) {
  if (token.qualifier == "stars" || token.qualifier == "forks") {
    const auto range = ParseCountRange(token.value);
    if (range) Narrow(token.qualifier == "stars" ? query.stars : query.forks, *range);
    return range.has_value();
  }
  if (token.qualifier == "created" || token.qualifier == "pushed") {
    const auto range = ParseTimeRange(token.value);
    if (range) Narrow(token.qualifier == "created" ? query.created : query.pushed, *range);
    return range.has_value();
  }
  if (token.qualifier == "archived") {
    if (token.value == "true" || token.value == "false") query.archived = token.value == "true";
    return query.archived.has_value();
  }
  // No simulated repository is private or a fork.
  return (token.qualifier == "is" && token.value == "public") ||
         (token.qualifier == "fork" && token.value == "true");
}

Status Apply(SearchQuery& query, const Token& token) {
  if (token.value.empty()) return Refused(token);
  if (token.qualifier.empty()) {
    const bool is_operator = token.value == "AND" || token.value == "OR" || token.value == "NOT";
    if (token.negated || is_operator) return Refused(token);
    query.words.push_back(Lower(token.value));
    return Ok();
  }
  if (ApplyText(query, token)) return Ok();
  if (token.negated || !ApplyRange(query, token)) return Refused(token);
  return Ok();
}

std::optional<int64_t> ReadCount(std::string_view text) {
  constexpr std::size_t kDigitsMax = 15;
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "2022-06-06T00:00:00+09:00" as UTC.
std::optional<Instant> ReadTimestamp(std::string_view text) {
  if (text.ends_with('Z')) return ParseInstant(text);
  constexpr std::size_t kOffset = 6;
  if (text.size() <= kOffset) return std::nullopt;
  const std::string_view offset = text.substr(text.size() - kOffset);
  const auto hours = ReadCount(offset.substr(1, 2));
  const auto minutes = ReadCount(offset.substr(4, 2));
  if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':' || !hours || !minutes ||
      *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  const auto local = ParseInstant(std::string(text.substr(0, text.size() - kOffset)) + "Z");
  if (!local) return std::nullopt;
  const auto shift = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return offset[0] == '+' ? *local - shift : *local + shift;
}

// The day or the second that the text stands for.
std::optional<TimeRange> ReadTime(std::string_view text) {
  constexpr std::chrono::microseconds kLast{1};
  if (const auto day = ParseDay(text))
    return TimeRange{*day, Instant(*day + std::chrono::days(1)) - kLast};
  if (const auto instant = ReadTimestamp(text))
    return TimeRange{*instant, *instant + std::chrono::seconds(1) - kLast};
  return std::nullopt;
}

std::optional<CountRange> ReadSingleCount(std::string_view text) {
  const auto count = ReadCount(text);
  return count ? std::optional(CountRange{*count, *count}) : std::nullopt;
}

// The forms that counts and times share. `read` turns one value into the range that it covers by
// itself.
template <typename Range, typename Read>
std::optional<Range> ParseRange(std::string_view text, Read read, auto smallest) {
  Range range;
  const auto within = [&](std::string_view value, auto take) {
    const std::optional<Range> one = read(value);
    if (one) take(*one);
    return one ? std::optional(range) : std::nullopt;
  };
  if (text.starts_with(">="))
    return within(text.substr(2), [&](const Range& one) { range.min = one.min; });
  if (text.starts_with("<="))
    return within(text.substr(2), [&](const Range& one) { range.max = one.max; });
  if (text.starts_with('>'))
    return within(text.substr(1), [&](const Range& one) { range.min = one.max + smallest; });
  if (text.starts_with('<'))
    return within(text.substr(1), [&](const Range& one) { range.max = one.min - smallest; });
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return within(text, [&](const Range& one) { range = one; });
  const std::string_view low = text.substr(0, dots);
  const std::string_view high = text.substr(dots + 2);
  if (low != "*" && !within(low, [&](const Range& one) { range.min = one.min; }))
    return std::nullopt;
  if (high != "*" && !within(high, [&](const Range& one) { range.max = one.max; }))
    return std::nullopt;
  return range;
}

bool Contains(const auto& range, auto value) {
  return range.min <= value && value <= range.max;
}

bool Passes(const TextFilter& filter, std::string_view value) {
  const auto equals = [&](const std::string& wanted) { return EqualsAnyCase(wanted, value); };
  return (filter.any_of.empty() || std::ranges::any_of(filter.any_of, equals)) &&
         std::ranges::none_of(filter.none_of, equals);
}

bool TopicsMatch(const SearchQuery& query, const std::vector<std::string>& topics) {
  const auto has = [&](const std::string& topic) {
    return std::ranges::find(topics, topic) != topics.end();
  };
  return std::ranges::all_of(query.topics, has) && std::ranges::none_of(query.without_topics, has);
}

}  // namespace

Result<SearchQuery> ParseSearchQuery(std::string_view text) {
  if (text.size() > kQueryBytesMax)
    return Error(ErrorKind::kInvalidInput, "The search is too long.");
  SearchQuery query;
  std::size_t word_bytes = 0;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return query;
    const Token token = TakeToken(text);
    SG_RETURN_IF_ERROR(Apply(query, token));
    if (token.qualifier.empty()) word_bytes += token.value.size();
    if (word_bytes > kWordBytesMax) {
      return Error(ErrorKind::kInvalidInput, "The search is longer than 256 characters.");
    }
  }
}

std::optional<CountRange> ParseCountRange(std::string_view text) {
  return ParseRange<CountRange>(text, ReadSingleCount, int64_t{1});
}

std::optional<TimeRange> ParseTimeRange(std::string_view text) {
  return ParseRange<TimeRange>(text, ReadTime, std::chrono::microseconds(1));
}

bool Matches(const SearchQuery& query, const Repository& repository) {
  const RepositoryProfile& profile = *repository.profile;
  const auto in_name = [&](const std::string& word) {
    return ContainsAnyCase(repository.name->full_name, word);
  };
  return Contains(query.stars, repository.stars) && Contains(query.forks, repository.forks) &&
         Contains(query.created, profile.created_at) &&
         Contains(query.pushed, repository.pushed_at) &&
         (!query.archived || *query.archived == repository.archived) &&
         Passes(query.license, profile.license != nullptr ? profile.license->key : "") &&
         Passes(query.language, profile.language ? std::string_view(*profile.language) : "") &&
         Passes(query.owner, repository.name->owner) && TopicsMatch(query, profile.topics) &&
         std::ranges::all_of(query.words, in_name);
}

}  // namespace stargaze::sandbox
