#include "config/settings_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "config/settings.h"
#include "config/settings_edit.h"

namespace stargaze::config {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SettingsTemplate, ChangesNothingAndCanBeEdited) {
  const std::string text = SettingsTemplate();
  EXPECT_TRUE(CheckSettingsText("config.yaml", text).ok());
  const auto edited = WithSetting("config.yaml", text, "duckdb.threads", "4");
  ASSERT_TRUE(edited.ok());
  EXPECT_TRUE(CheckSettingsText("config.yaml", edited.value()).ok());
}

// With every '#' at a line's begin taken away the defaults stand there, and are accepted.
TEST(SettingsTemplate, EverySettingThatAFileMayHoldStandsThereWithItsDefault) {
  std::istringstream in(SettingsTemplate());
  std::string uncommented;
  for (std::string line; std::getline(in, line);) {
    const bool is_setting = line.starts_with('#') && !line.starts_with("# ");
    uncommented += (is_setting || line.starts_with("#  ") ? line.substr(1) : line) + "\n";
  }
  const Status checked = CheckSettingsText("config.yaml", uncommented);
  EXPECT_TRUE(checked.ok()) << checked.error().message() << "\n" << uncommented;
  for (const SettingSpec& spec : AllSettings()) {
    const std::string name(spec.name);
    const std::string line = "\n" + std::string(name.find('.') == name.npos ? "" : "  ") +
                             name.substr(name.find('.') + 1) + ":";
    if (spec.secret) continue;
    EXPECT_THAT(uncommented, HasSubstr(line)) << name;
    EXPECT_THAT(uncommented, HasSubstr(std::string(spec.help))) << name;
  }
  EXPECT_THAT(uncommented, Not(HasSubstr("\n  proxy_secret:")));
}

}  // namespace
}  // namespace stargaze::config
