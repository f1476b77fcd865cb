#include "config/settings.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/overrides.h"

namespace stargaze::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A fixture is deleted by GoogleTest only.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor)
class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    fs::remove_all(root_);
    fs::create_directories(root_ / "project" / ".git");
    fs::create_directories(root_ / "project" / "deep" / "deeper");
    sources_.system_file = (root_ / "etc" / "config.yaml").string();
    sources_.working_directory = (root_ / "project" / "deep" / "deeper").string();
    sources_.environment["HOME"] = (root_ / "me").string();
  }
  ~SettingsTest() override { fs::remove_all(root_); }

  std::string Write(const std::string& path, const std::string& text) {
    const fs::path file = root_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }

  Settings Load() {
    auto settings = LoadSettings(sources_);
    EXPECT_TRUE(settings.ok()) << settings.error().message();
    return settings.ok() ? std::move(settings).value() : Settings();
  }

  std::string ErrorOf() {
    const auto settings = LoadSettings(sources_);
    return settings.ok() ? "" : settings.error().message();
  }

  fs::path root_ = fs::path(::testing::TempDir()) / fmt::format("settings_test_{}", ::getpid());
  SettingsSources sources_;
};

TEST_F(SettingsTest, HasDefaults) {
  const Settings settings = Load();
  EXPECT_EQ(settings.Text("listen"), "127.0.0.1:8686");
  EXPECT_EQ(settings.Origin("listen"), "default");
  EXPECT_EQ(settings.Text("home"), (root_ / "me/.local/share/stargaze").string());
  EXPECT_TRUE(settings.Boolean("lake.fsync"));
  EXPECT_EQ(settings.Integer("duckdb.memory_limit_mb"), 2048);
  EXPECT_THAT(settings.List("catalog_dirs"), IsEmpty());
  EXPECT_THAT(settings.files(), IsEmpty());
  sources_.environment["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(Load().Text("home"), "/data/stargaze");
  sources_.environment.clear();
  EXPECT_THAT(ErrorOf(), HasSubstr("no data folder: HOME is not set, use --home"));
}

TEST_F(SettingsTest, LaterSourcesWin) {
  const std::string system =
      Write("etc/config.yaml", "# of the machine\nlisten: 127.0.0.1:1\nlog_level: error\n");
  EXPECT_EQ(Load().Text("listen"), "127.0.0.1:1");
  EXPECT_EQ(Load().Origin("listen"), system + ":2");
  const std::string user = Write("me/.config/stargaze/config.yaml", "listen: 127.0.0.1:2\n");
  EXPECT_EQ(Load().Origin("listen"), user + ":1");
  const std::string project = Write("project/stargaze.yaml", "\n\nlisten: 127.0.0.1:3\n");
  EXPECT_EQ(Load().Origin("listen"), project + ":3");
  sources_.environment["STARGAZE_LISTEN"] = "127.0.0.1:4";
  EXPECT_EQ(Load().Text("listen"), "127.0.0.1:4");
  EXPECT_EQ(Load().Origin("listen"), "STARGAZE_LISTEN");
  sources_.flags = {{.setting = "listen", .value = "[::1]:5", .origin = "--listen"}};
  EXPECT_EQ(Load().Text("listen"), "[::1]:5");
  EXPECT_EQ(Load().Origin("listen"), "--listen");
  EXPECT_EQ(Load().Text("log_level"), "error");  // Nobody else said.
  EXPECT_THAT(Load().files(), ElementsAre(system, user, project));
}

TEST_F(SettingsTest, TheProjectEndsAtTheRootOfItsVersionControl) {
  Write("stargaze.yaml", "log_level: debug\n");
  EXPECT_EQ(Load().Text("log_level"), "info");
  fs::remove(root_ / "project" / ".git");
  Write("project/deep/stargaze.yaml", "log_level: error\n");
  EXPECT_EQ(Load().Text("log_level"),
            "info");  // Without such a root only the folder itself counts.
  Write("project/deep/deeper/stargaze.yaml", "log_level: warn\n");
  EXPECT_EQ(Load().Text("log_level"), "warn");
}

TEST_F(SettingsTest, OneFileMayReplaceTheThree) {
  Write("etc/config.yaml", "log_level: error\n");
  sources_.only_file = Write("other.yaml", "listen: localhost:0\n");
  EXPECT_EQ(Load().Text("log_level"), "info");
  EXPECT_EQ(Load().Text("listen"), "localhost:0");
  sources_.only_file = "none.yaml";
  EXPECT_THAT(ErrorOf(), HasSubstr("cannot read"));
}

TEST_F(SettingsTest, PathsAreRelativeToWhereTheyAreWritten) {
  Write("project/stargaze.yaml", "home: data\ncatalog_dirs: [more/catalog, ~/mine, /abs/./x]\n");
  const Settings settings = Load();
  EXPECT_EQ(settings.Text("home"), (root_ / "project/data").string());
  EXPECT_THAT(
      settings.List("catalog_dirs"),
      ElementsAre(
          (root_ / "project/more/catalog").string(), (root_ / "me/mine").string(), "/abs/x"));
  sources_.environment["STARGAZE_CATALOG_DIRS"] = "here:/there";
  EXPECT_THAT(Load().List("catalog_dirs"),
              ElementsAre(sources_.working_directory + "/here", "/there"));
}

TEST_F(SettingsTest, ReportsEveryMistakeWithItsPlace) {
  const std::string file = Write("etc/config.yaml",
                                 "listen: 0.0.0.0\nlisen: x\nlog_level: verbose\nduckdb: "
                                 "{threads: many, memory_limit_mb: 1}\n"
                                 "lake:\n  fsnc: true\ncatalog_dirs: x\ngithub: {token: abc}\n");
  sources_.environment["STARGAZE_LAKE_FSYNC"] = "yes";
  sources_.flags = {{.setting = "lsten", .value = "x", .origin = "--set lsten=x"},
                    {.setting = "github.token", .value = "s3cret", .origin = "--set"}};
  const std::string error = ErrorOf();
  for (const std::string& line : {
           file + ":1: listen: expected an address and a port as in 127.0.0.1:8686, found "
                  "'0.0.0.0'",
           file + ":2: lisen: unknown key, did you mean 'listen'?",
           file + ":3: log_level: unknown log_level 'verbose'; one of debug, info, warn, error",
           file + ":4: duckdb.threads: expected a whole number, found 'many'",
           file + ":4: duckdb.memory_limit_mb: must be at least 64, found 1",
           file + ":6: lake.fsnc: unknown key, did you mean 'fsync'?",
           file + ":7: catalog_dirs: expected a list, found 'x'",
           file + ":8: github.token: a secret is not read from this file",
           std::string("STARGAZE_LAKE_FSYNC: expected true or false, found 'yes'"),
           std::string("--set lsten=x: unknown setting 'lsten', did you mean 'listen'?"),
           std::string(
               "--set: a secret is not taken from the command line: set STARGAZE_GITHUB_TOKEN"),
       }) {
    EXPECT_THAT(error, HasSubstr(line));
  }
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 10);
  EXPECT_THAT(error, ::testing::Not(HasSubstr("s3cret")));
}

TEST_F(SettingsTest, WarnsOfVariablesThatNothingReads) {
  sources_.environment["STARGAZE_LISEN"] = "x";
  sources_.environment["STARGAZE_TEST_DATA"] = "/data";
  EXPECT_THAT(Load().warnings(),
              ElementsAre("unknown variable STARGAZE_LISEN, did you mean 'STARGAZE_LISTEN'?"));
}

TEST_F(SettingsTest, FindsTheTokenByStrength) {
  EXPECT_EQ(Load().Text("github.token"), "");
  sources_.environment["GITHUB_TOKEN"] = "weak";
  EXPECT_EQ(Load().Text("github.token"), "weak");
  EXPECT_EQ(Load().Origin("github.token"), "GITHUB_TOKEN");
  const std::string token = Write("secrets/token", "  from-file\n");
  Write("me/.config/stargaze/config.yaml", "github: {token_file: " + token + "}\n");
  EXPECT_EQ(Load().Text("github.token"), "from-file");
  EXPECT_EQ(Load().Origin("github.token"), token);
  sources_.environment["STARGAZE_GITHUB_TOKEN"] = "strong";
  EXPECT_EQ(Load().Text("github.token"), "strong");
  for (const ShownSetting& shown : Load().All())
    EXPECT_THAT(shown.value, ::testing::Not(HasSubstr("strong")));
  sources_.environment.erase("STARGAZE_GITHUB_TOKEN");
  Write("secrets/token", "two\nlines\n");
  EXPECT_THAT(ErrorOf(),
              HasSubstr("github.token_file: the file must hold one line with the token"));
  Write("secrets/token", "from-file");
  sources_.environment["STARGAZE_GITHUB_TOKEN"] = "a\nheader: b";
  EXPECT_EQ(ErrorOf(), "STARGAZE_GITHUB_TOKEN: unsuitable value");
}

TEST_F(SettingsTest, OverridesVariablesAndSchedules) {
  const std::string file =
      Write("etc/config.yaml",
            "pipelines:\n  shop_day: {schedule: off}\nvars:\n  shop/order: {min_total: 7}\n");
  sources_.flags = {{.setting = "vars.shop/order.min_total", .value = "8", .origin = "--set"}};
  model::Catalog catalog{
      .datasets = {{.name = "shop/order", .vars = {{"min_total", "5"}, {"other", "1"}}}}};
  std::vector<model::Dag> dags{
      {.dag_id = "shop_day",
       .schedule = {.kind = model::ScheduleKind::kCron, .text = "0 0 * * *"}}};
  ASSERT_TRUE(ApplyVariables(Load(), catalog).ok());
  EXPECT_EQ(catalog.datasets[0].vars.at("min_total"), "8");
  EXPECT_EQ(catalog.datasets[0].vars.at("other"), "1");
  ASSERT_TRUE(ApplySchedules(Load(), catalog, {}, dags).ok());
  EXPECT_EQ(dags[0].schedule, model::Schedule{});

  Write("etc/config.yaml",
        "pipelines:\n  shop_da: {schedule: off}\nvars:\n  shop/ordr: {x: 1}\n  shop/order: "
        "{min_totl: 1}\n");
  EXPECT_EQ(
      ApplyVariables(Load(), catalog).error().message(),
      file + ":4: vars.shop/ordr.x: unknown dataset 'shop/ordr', did you mean 'shop/order'?\n" +
          file +
          ":5: vars.shop/order.min_totl: unknown variable 'min_totl', did you mean 'min_total'?");
  EXPECT_EQ(
      ApplySchedules(Load(), catalog, {}, dags).error().message(),
      file +
          ":2: pipelines.shop_da.schedule: unknown pipeline 'shop_da', did you mean 'shop_day'?");
  Write("etc/config.yaml", "vars: {shop/order: {min_total: few}}\n");
  sources_.flags.clear();
  EXPECT_EQ(ApplyVariables(Load(), catalog).error().message(),
            file + ":1: vars.shop/order.min_total: expected a whole number, found 'few'");
  Write("etc/config.yaml", "pipelines:\n  shop_day: {schedule: hourly}\n");
  const DagRules rules{.check_schedule = [](const model::Dag&) -> Status {
    return Error(ErrorKind::kInvalidInput, "bad");
  }};
  EXPECT_THAT(ApplySchedules(Load(), catalog, rules, dags).error().message(),
              EndsWith(":2: pipelines.shop_day.schedule: bad"));
}

TEST_F(SettingsTest, PublishesASchemaOfItsFiles) {
  EXPECT_THAT(SettingsJsonSchema(), HasSubstr("\"memory_limit_mb\""));
}

}  // namespace
}  // namespace stargaze::config
