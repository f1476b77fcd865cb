#include <fmt/core.h>

#include <charconv>

#include "base/suggest.h"
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
  static const std::string kKeys[] = {"seed", "repositories", "start", "steps_per_day"};
  return Error(ErrorKind::kInvalidInput,
               fmt::format("a generated world has no option '{}'{}", key, DidYouMean(key, kKeys)))
      .Remedy("its options are seed, repositories, start and steps_per_day");
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
