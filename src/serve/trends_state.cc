#include "serve/trends_state.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

namespace stargaze::serve {
namespace {

constexpr std::size_t kTextMax = 200;
constexpr std::size_t kListMax = 50;
constexpr int64_t kValueMax = 1'000'000'000;
constexpr int64_t kPageMax = 1'000'000;

bool OneOf(const std::string& value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

std::vector<std::string> SplitByComma(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (comma > at) parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

// Each takes a value into the state, or says no.
using Setter = std::function<bool(TrendsState&, const std::string&)>;

bool SetWindow(TrendsState& state, const std::string& value) {
  static const std::map<std::string, int> kWindows{{"1d", 1}, {"7d", 7}, {"28d", 28}, {"90d", 90}};
  const auto found = kWindows.find(value);
  if (found == kWindows.end()) return false;
  state.window_days = found->second;
  return true;
}

std::optional<int64_t> Number(const std::string& value, int64_t least, int64_t most) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (!whole || number < least || number > most) return std::nullopt;
  return number;
}

bool SetPage(TrendsState& state, const std::string& value) {
  const std::optional<int64_t> page = Number(value, 1, kPageMax);
  if (page) state.page = *page;
  return page.has_value();
}

bool SetNumber(std::optional<int64_t>& target, const std::string& value, int64_t least) {
  target = Number(value, least, kValueMax);
  return target.has_value();
}

bool SetList(std::vector<std::string>& target, const std::string& value) {
  target = SplitByComma(value);
  return target.size() <= kListMax;
}

bool SetHide(TrendsState& state, const std::string& value) {
  const std::vector<std::string> words = SplitByComma(value);
  for (const std::string& word : words) {
    if (!OneOf(word, {"archived", "forks"})) return false;
    (word == "forks" ? state.hide_forks : state.hide_archived) = true;
  }
  return true;
}

bool SetTopRows(TrendsState& state, const std::string& value) {
  if (!OneOf(value, {"10", "25", "50", "100"})) return false;
  state.top_rows = *Number(value, 1, 100);
  return true;
}

bool SetAsof(TrendsState& state, const std::string& value) {
  state.asof = ParseDay(value);
  return state.asof.has_value();
}

bool SetWord(std::string& target,
             const std::string& value,
             std::initializer_list<std::string_view> words) {
  if (!OneOf(value, words)) return false;
  target = value;
  return true;
}

const std::map<std::string, Setter>& Setters() {
  static const std::map<std::string, Setter> kSetters{
      {"m",
       [](TrendsState& s, const std::string& v) {
         return SetWord(s.metric, v, {"stars", "forks"});
       }},
      {"w", &SetWindow},
      {"lic", [](TrendsState& s, const std::string& v) { return SetList(s.licenses, v); }},
      {"lang", [](TrendsState& s, const std::string& v) { return SetList(s.languages, v); }},
      {"topic", [](TrendsState& s, const std::string& v) { return SetList(s.topics, v); }},
      {"age", [](TrendsState& s, const std::string& v) { return SetNumber(s.age_days_max, v, 1); }},
      {"min", [](TrendsState& s, const std::string& v) { return SetNumber(s.value_min, v, 0); }},
      {"max", [](TrendsState& s, const std::string& v) { return SetNumber(s.value_max, v, 0); }},
      {"hide", &SetHide},
      {"n", &SetTopRows},
      // What the page alone decides by: which columns it shows.
      {"cols", [](TrendsState&, const std::string& v) { return v.size() <= kTextMax; }},
      {"q",
       [](TrendsState& s, const std::string& v) {
         s.text = v.substr(0, kTextMax);
         return v.size() <= kTextMax;
       }},
      {"sort",
       [](TrendsState& s, const std::string& v) {
         return SetWord(s.sort, v, {"stars", "forks", "name", "owner", "created", "license"});
       }},
      {"dir",
       [](TrendsState& s, const std::string& v) {
         s.ascending = v == "asc";
         return OneOf(v, {"asc", "desc"});
       }},
      {"rise",
       [](TrendsState& s, const std::string& v) {
         return SetWord(s.rise, v, {"velocity", "accel"});
       }},
      {"p", &SetPage},
      {"asof", &SetAsof},
  };
  return kSetters;
}

}  // namespace

TrendsState ParseTrendsState(const net::QueryParameters& query) {
  TrendsState state;
  for (const auto& [name, value] : query) {
    const auto setter = Setters().find(name);
    if (setter == Setters().end()) {
      state.notices.push_back({.code = "unknown_parameter",
                               .parameter = name.substr(0, kTextMax),
                               .detail = "ignored"});
    } else if (TrendsState tried = state; setter->second(tried, value)) {
      state = std::move(tried);
    } else {
      state.notices.push_back({.code = "invalid_value",
                               .parameter = name,
                               .detail = "ignored: '" + value.substr(0, kTextMax) + "'"});
    }
  }
  return state;
}

}  // namespace stargaze::serve
