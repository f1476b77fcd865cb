#include "orchestrate/trigger_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

namespace stargaze::orchestrate {
namespace {

using model::TriggerRule;

// One letter per upstream: S success, F failed, U upstream_failed, K skipped, R removed, . not
// done.
constexpr std::string_view kLetters = "SFUKR.";

InstanceState StateOf(char letter) {
  constexpr std::array kStates{InstanceState::kSuccess,
                               InstanceState::kFailed,
                               InstanceState::kUpstreamFailed,
                               InstanceState::kSkipped,
                               InstanceState::kRemoved,
                               InstanceState::kRunning};
  return kStates[kLetters.find(letter)];
}

struct Line {
  TriggerRule rule;
  // Each over the letters of all upstreams, in the words of the rules.
  std::function<bool(const std::string&)> upstream_failed;
  std::function<bool(const std::string&)> skipped;
  std::function<bool(const std::string&)> runs;
};

bool Any(const std::string& up, std::string_view of) {
  return up.find_first_of(of) != std::string::npos;
}
bool All(const std::string& up, std::string_view of) {
  return up.find_first_not_of(of) == std::string::npos;
}
bool Never(const std::string&) {
  return false;
}

// The table of rules, written as sentences over the states; asked in this order: U, K, run, wait.
std::vector<Line> Table() {
  const auto done = [](const std::string& up) { return !Any(up, "."); };
  return {
      {TriggerRule::kAllSuccess,
       [](auto& up) { return Any(up, "FU"); },
       [](auto& up) { return Any(up, "K"); },
       [](auto& up) { return All(up, "S"); }},
      {TriggerRule::kAllFailed,
       Never,
       [](auto& up) { return Any(up, "SK"); },
       [](auto& up) { return All(up, "FU"); }},
      {TriggerRule::kAllDone, Never, Never, done},
      {TriggerRule::kAllDoneMinOneSuccess,
       [=](auto& up) { return done(up) && !Any(up, "SK"); },
       [](auto& up) { return Any(up, "K"); },
       [=](auto& up) { return done(up) && Any(up, "S"); }},
      {TriggerRule::kAllSkipped,
       Never,
       [](auto& up) { return Any(up, "SFU"); },
       [](auto& up) { return All(up, "K"); }},
      {TriggerRule::kOneSuccess,
       [=](auto& up) { return done(up) && !Any(up, "S") && !All(up, "K"); },
       [](auto& up) { return All(up, "K"); },
       [](auto& up) { return Any(up, "S"); }},
      {TriggerRule::kOneFailed,
       Never,
       [=](auto& up) { return done(up) && !Any(up, "FU"); },
       [](auto& up) { return Any(up, "FU"); }},
      {TriggerRule::kOneDone,
       Never,
       [=](auto& up) { return done(up) && !Any(up, "SF"); },
       [](auto& up) { return Any(up, "SF"); }},
      {TriggerRule::kNoneFailed, [](auto& up) { return Any(up, "FU"); }, Never, done},
      {TriggerRule::kNoneFailedMinOneSuccess,
       [](auto& up) { return Any(up, "FU"); },
       [](auto& up) { return All(up, "K"); },
       [=](auto& up) { return done(up) && Any(up, "S"); }},
      {TriggerRule::kNoneSkipped, Never, [](auto& up) { return Any(up, "K"); }, done},
      {TriggerRule::kAlways, Never, Never, [](auto&) { return true; }},
  };
}

Decision Expected(const Line& line, std::string up, bool mapped) {
  if (up.empty()) return Decision::kRun;
  if (mapped) std::erase(up, 'R');
  if (line.rule == TriggerRule::kAlways) return Decision::kRun;
  if (line.upstream_failed(up)) return Decision::kUpstreamFailed;
  if (line.skipped(up)) return Decision::kSkip;
  return line.runs(up) ? Decision::kRun : Decision::kWait;
}

Decision Decided(TriggerRule rule, const std::string& up, bool mapped) {
  UpstreamCounts counts;
  counts.total = static_cast<int64_t>(up.size());
  for (const char letter : up) counts.Move(InstanceState::kNone, StateOf(letter));
  return Decide(rule, counts, mapped);
}

std::vector<std::string> Combinations(std::size_t most) {
  std::vector<std::string> all{""};
  std::size_t from = 0;
  for (std::size_t length = 1; length <= most; ++length) {
    const std::size_t to = all.size();
    for (std::size_t i = from; i < to; ++i)
      for (const char letter : kLetters) all.push_back(all[i] + letter);
    from = to;
  }
  return all;
}

TEST(TriggerRules, DecideAsTheTableSaysForUpToFourUpstreams) {
  int cases = 0;
  for (const Line& line : Table()) {
    for (const std::string& up : Combinations(4)) {
      for (const bool mapped : {false, true}) {
        ++cases;
        ASSERT_EQ(Decided(line.rule, up, mapped), Expected(line, up, mapped))
            << "rule " << static_cast<int>(line.rule) << ", upstream " << up << ", mapped "
            << mapped;
      }
    }
  }
  EXPECT_EQ(cases, 12 * 2 * (1 + 6 + 36 + 216 + 1296));
}

struct Stated {
  TriggerRule rule;
  std::string up;
  Decision decision;
};

TEST(TriggerRules, AnswerTheseByHand) {
  const std::vector<Stated> cases{
      {TriggerRule::kAllSuccess, "S.", Decision::kWait},
      {TriggerRule::kAllSuccess, "F.", Decision::kUpstreamFailed},
      {TriggerRule::kAllSuccess, "K.", Decision::kSkip},
      {TriggerRule::kAllSuccess, "FK", Decision::kUpstreamFailed},
      {TriggerRule::kAllFailed, "FU", Decision::kRun},
      {TriggerRule::kAllFailed, "FK", Decision::kSkip},
      {TriggerRule::kAllDone, "SFUK", Decision::kRun},
      {TriggerRule::kAllDoneMinOneSuccess, "FF", Decision::kUpstreamFailed},
      {TriggerRule::kOneSuccess, "S...", Decision::kRun},
      {TriggerRule::kOneSuccess, "KK", Decision::kSkip},
      {TriggerRule::kOneFailed, "U.", Decision::kRun},
      {TriggerRule::kOneDone, "K.", Decision::kWait},
      {TriggerRule::kNoneFailed, "SK", Decision::kRun},
      {TriggerRule::kNoneFailedMinOneSuccess, "KK", Decision::kSkip},
      {TriggerRule::kNoneFailedMinOneSuccess, "SK", Decision::kRun},
      {TriggerRule::kNoneSkipped, "SF", Decision::kRun},
      {TriggerRule::kAlways, "..", Decision::kRun},
  };
  for (const Stated& one : cases)
    EXPECT_EQ(Decided(one.rule, one.up, false), one.decision) << one.up;
}

}  // namespace
}  // namespace stargaze::orchestrate
