#include "registry/states.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace stargaze::registry {
namespace {

const Instant kStart = ParseInstant("2026-09-01T00:00:00Z").value();

// {3, "gone"}: on day 3 an attempt says so. "ok", "304" and "failed" beside what gone means, and
// how it has moved.
struct Word {
  int day = 0;
  std::string says{};
  std::string full_name{};
  int64_t repository_id = 7;
};

model::SubjectOutcome OutcomeOf(const Word& word) {
  model::SubjectOutcome outcome{.subject = fmt::format("repository_id={}", word.repository_id),
                                .state = model::SubjectState::kGone,
                                .observed_at = kStart + std::chrono::days(word.day),
                                .full_name = word.full_name};
  const bool is_plain = word.says == "ok" || word.says == "304" || word.says == "failed";
  if (!is_plain) outcome.kind = word.says;
  if (is_plain || word.says == "renamed" || word.says == "transferred")
    outcome.state = model::SubjectState::kChanged;
  if (word.says == "304") outcome.state = model::SubjectState::kUnchanged;
  if (word.says == "failed") outcome.state = model::SubjectState::kFailed;
  return outcome;
}

std::optional<RepositoryState> StateOfSeven(const std::vector<Word>& words) {
  const auto database = storage::Sqlite::Open(":memory:").value();
  EXPECT_TRUE(CreateStates(*database).ok());
  for (const Word& word : words) {
    model::Manifest manifest;
    manifest.attempt = fmt::format("d.manual__{:02}.t.0.1-0000000a", word.day);
    manifest.subjects = {OutcomeOf(word), {.subject = "search_stars", .observed_at = kStart}};
    EXPECT_TRUE(ApplyStates(manifest, *database).ok());
  }
  return StateOf(7, *database).value();
}

// "name since observed", days counted from the start; "" when never asked for.
std::string StateAfter(const std::vector<Word>& words) {
  const auto state = StateOfSeven(words);
  if (!state) return "";
  const auto day = [](Instant at) { return (at - kStart) / std::chrono::days(1); };
  return fmt::format("{} {} {}", state->name, day(state->since), day(state->observed_at));
}

TEST(StatesTest, TheNewestWordHolds) {
  struct Case {
    const char* what;
    std::vector<Word> words;
    const char* state;
  };
  const std::vector<Case> cases{
      {"never asked for", {}, ""},
      {"only failures", {{1, "failed"}}, ""},
      {"there", {{1, "ok"}, {2, "304"}, {3, "304"}}, "present 1 3"},
      {"404: deleted or private", {{1, "ok"}, {2, "not_found"}}, "not_found 2 2"},
      {"410", {{1, "ok"}, {2, "gone"}}, "gone 2 2"},
      {"451", {{1, "ok"}, {2, "legal"}}, "legal 2 2"},
      {"a 403 with a block", {{1, "ok"}, {2, "forbidden"}}, "forbidden 2 2"},
      {"gone from the beginning", {{1, "not_found"}, {8, "not_found"}}, "not_found 1 8"},
      {"a failure changes nothing", {{1, "not_found"}, {2, "failed"}}, "not_found 1 1"},
      {"private, then deleted for good", {{1, "legal"}, {8, "gone"}}, "gone 8 8"},
      {"returned", {{1, "ok"}, {2, "not_found"}, {9, "ok"}, {10, "304"}}, "present 9 10"},
      {"twice the same", {{1, "ok"}, {2, "gone"}, {2, "gone"}}, "gone 2 2"},
      {"renamed", {{1, "ok", "a/b"}, {2, "renamed", "a/c"}, {3, "ok", "a/c"}}, "renamed 2 3"},
      {"transferred, then asked by REST",
       {{1, "ok", "a/b"}, {2, "transferred", "c/b"}, {3, "304"}},
       "transferred 2 3"},
      {"renamed, then transferred",
       {{1, "ok", "a/b"}, {2, "renamed", "a/c"}, {4, "transferred", "d/c"}},
       "transferred 4 4"},
      {"moved, then deleted",
       {{1, "ok", "a/b"}, {2, "transferred", "c/b"}, {3, "not_found"}},
       "not_found 3 3"},
      {"deleted and made again under its name",
       {{1, "ok", "a/b"}, {2, "not_found"}, {3, "ok", "A/b", 8}},
       "replaced 2 2"},
      {"another has the name and is gone as well",
       {{1, "ok", "a/b"}, {2, "not_found"}, {3, "ok", "a/b", 8}, {4, "not_found", "", 8}},
       "not_found 2 2"},
      {"a move that is told late",
       {{1, "ok", "a/b"}, {3, "304"}, {2, "renamed", "a/c"}},
       "renamed 2 3"},
      {"a move before it went away and came back, told late",
       {{1, "ok"}, {3, "not_found"}, {4, "ok"}, {2, "renamed", "a/c"}},
       "present 4 4"},
      {"its old name went to another while it is there",
       {{1, "ok", "a/b"}, {2, "renamed", "a/c"}, {2, "ok", "a/b", 8}},
       "renamed 2 2"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(StateAfter(one.words), one.state) << one.what;
    std::vector<Word> twice = one.words;
    twice.insert(twice.end(), one.words.begin(), one.words.end());
    EXPECT_EQ(StateAfter(twice), one.state) << one.what << ", everything applied again";
  }
}

TEST(StatesTest, TheNewestWordHoldsInWhateverOrderTheyCome) {
  std::vector<Word> words{{1, "ok"}, {2, "not_found"}, {9, "not_found"}};
  const auto earlier = [](const Word& a, const Word& b) { return a.day < b.day; };
  do {
    const std::string state = StateAfter(words);
    EXPECT_TRUE(state.starts_with("not_found ") && state.ends_with(" 9")) << state;
  } while (std::next_permutation(words.begin(), words.end(), earlier));
}

// Of two datasets that are collected beside each other only one knows the name.
TEST(StatesTest, TheNewestNameHoldsInWhateverOrderTheWordsCome) {
  std::vector<Word> words{
      {1, "ok", "a/b"}, {2, "304"}, {3, "renamed", "a/c"}, {4, "304"}, {5, "not_found"}};
  const auto earlier = [](const Word& a, const Word& b) { return a.day < b.day; };
  do {
    EXPECT_EQ(StateOfSeven(words)->full_name, "a/c");
  } while (std::next_permutation(words.begin(), words.end(), earlier));
}

}  // namespace
}  // namespace stargaze::registry
