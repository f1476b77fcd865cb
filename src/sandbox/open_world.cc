#include <fmt/format.h>

#include <charconv>

#include "base/suggest.h"
#include "sandbox/ascii.h"
#include "sandbox/generated_world.h"
#include "sandbox/recorded_world.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {
namespace {

constexpr std::string_view kGenerated = "generated";

template <typename Number>
Status ReadNumber(std::string_view key, std::string_view text, Number& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc{} && end == text.data() + text.size()) return Ok();
  return Error(ErrorKind::kInvalidInput,
               fmt::format("{} of a generated world must be a whole number, not '{}'", key, text));
}

Status ReadDays(std::string_view text, DayBoundary& days) {
  for (const DayBoundary one : {DayBoundary::kUtc, DayBoundary::kPacific}) {
    if (text != DayBoundaryName(one)) continue;
    days = one;
    return Ok();
  }
  return Error(ErrorKind::kInvalidInput,
               fmt::format("days of a generated world must be utc or pacific, not '{}'", text));
}

Status ReadSwitch(std::string_view key, std::string_view text, bool& value) {
  if (text != "0" && text != "1") {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("{} of a generated world must be 0 or 1, not '{}'", key, text));
  }
  value = text == "1";
  return Ok();
}

Status ReadShare(std::string_view key, std::string_view text, double& value) {
  const std::optional<double> share = ShareOf(text);
  if (!share) {
    return Error(
        ErrorKind::kInvalidInput,
        fmt::format("{} of a generated world must be a share from 0 to 1 such as 0.05, not '{}'",
                    key,
                    text));
  }
  value = *share;
  return Ok();
}

double* ShareNamed(EventShares& shares, std::string_view key) {
  if (key == "renamed") return &shares.renamed;
  if (key == "transferred") return &shares.transferred;
  if (key == "deleted") return &shares.deleted;
  return key == "withheld" ? &shares.withheld : nullptr;
}

Status SetOption(GeneratedWorldOptions& options, std::string_view key, std::string_view value) {
  if (key == "seed") return ReadNumber(key, value, options.seed);
  if (key == "repositories") return ReadNumber(key, value, options.repositories);
  if (key == "steps_per_day") return ReadNumber(key, value, options.steps_per_day);
  if (key == "start") {
    const auto day = ParseDay(value);
    if (!day) {
      return Error(
          ErrorKind::kInvalidInput,
          fmt::format("start of a generated world must be a day such as 2026-01-01, not '{}'",
                      value));
    }
    options.start_day = *day;
    return Ok();
  }
  if (key == "days") return ReadDays(value, options.days);
  if (key == "history_short") return ReadSwitch(key, value, options.history_short);
  if (double* share = ShareNamed(options.shares, key)) return ReadShare(key, value, *share);
  static const std::string kKeys[] = {"seed",
                                      "repositories",
                                      "start",
                                      "steps_per_day",
                                      "days",
                                      "history_short",
                                      "renamed",
                                      "transferred",
                                      "deleted",
                                      "withheld"};
  return Error(ErrorKind::kInvalidInput,
               fmt::format("a generated world has no option '{}'{}", key, DidYouMean(key, kKeys)))
      .Remedy(fmt::format("its options are {}", fmt::join(kKeys, ", ")));
}

Result<std::unique_ptr<World>> OpenGenerated(std::string_view settings) {
  GeneratedWorldOptions options;
  while (!settings.empty()) {
    const std::string_view setting = settings.substr(0, settings.find(','));
    settings.remove_prefix(std::min(settings.size(), setting.size() + 1));
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      return Error(
          ErrorKind::kInvalidInput,
          fmt::format("an option of a generated world must be key=value, not '{}'", setting));
    }
    SG_RETURN_IF_ERROR(SetOption(options, setting.substr(0, equals), setting.substr(equals + 1)));
  }
  SG_TRY(std::unique_ptr<World> world, GeneratedWorld::Create(options));
  return world;
}

}  // namespace

Result<std::unique_ptr<World>> OpenWorld(std::string_view spec) {
  if (spec == kGenerated) return OpenGenerated("");
  if (spec.starts_with("generated:")) return OpenGenerated(spec.substr(kGenerated.size() + 1));
  SG_TRY(std::unique_ptr<World> world, RecordedWorld::Open(std::string(spec)));
  return world;
}

}  // namespace stargaze::sandbox
