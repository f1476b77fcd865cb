#include "config/settings_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stargaze::config {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* what;
  const char* before;
  const char* setting;
  const char* value;
  const char* after;
};

TEST(SettingsEdit, ChangesOneThing) {
  const Case cases[] = {
      {"an empty file", "", "listen", "127.0.0.1:1", "listen: \"127.0.0.1:1\"\n"},
      {"a new group",
       "listen: 127.0.0.1:1\n",
       "duckdb.threads",
       "4",
       "listen: 127.0.0.1:1\nduckdb:\n  threads: 4\n"},
      {"into a group",
       "# mine\nduckdb:\n    threads: 4  # few\n",
       "duckdb.memory_limit_mb",
       "512",
       "# mine\nduckdb:\n    memory_limit_mb: 512\n    threads: 4  # few\n"},
      {"a value and its comment",
       "duckdb:\n  threads: 4  # few\nlisten: 127.0.0.1:1\n",
       "duckdb.threads",
       "8",
       "duckdb:\n  threads: 8  # few\nlisten: 127.0.0.1:1\n"},
      {"without a last line break",
       "log_level: info",
       "log_level",
       "debug",
       "log_level: \"debug\"\n"},
      {"a quoted text", "home: /a\n", "home", "/a \"b\"\\c", "home: \"/a \\\"b\\\"\\\\c\"\n"},
      {"a list", "", "catalog_dirs", "/a:/b", "catalog_dirs: [\"/a\", \"/b\"]\n"},
      {"a list over a list",
       "catalog_dirs: [x]  # c\n",
       "catalog_dirs",
       "/a",
       "catalog_dirs: [\"/a\"]  # c\n"},
  };
  for (const Case& c : cases) {
    const auto edited = WithSetting("f.yaml", c.before, c.setting, c.value);
    ASSERT_TRUE(edited.ok()) << c.what << ": " << edited.error().message();
    EXPECT_EQ(edited.value(), c.after) << c.what;
  }
}

struct Refused {
  const char* before;
  const char* setting;
  const char* value;
  const char* message;
};

TEST(SettingsEdit, RefusesWhatItCannotDo) {
  const Refused cases[] = {
      {"", "listn", "x", "did you mean 'listen'?"},
      {"", "github.token", "secret-value", "it is a secret"},
      {"", "duckdb.threads", "many", "duckdb.threads"},
      {"", "duckdb.threads", "99999", "1024"},
      {"", "home", "/a\nlisten: x", "line break"},
      {"lisen: x\n", "home", "/a", "lisen"},
      {"duckdb: {threads: 4}\n", "duckdb.threads", "8", "only an editor"},
      {"catalog_dirs:\n  - /a\n", "catalog_dirs", "/b", "only an editor"},
      {"home: >\n  /a\n", "home", "/b", "only an editor"},
  };
  for (const Refused& c : cases) {
    const auto edited = WithSetting("f.yaml", c.before, c.setting, c.value);
    ASSERT_FALSE(edited.ok()) << c.before << c.setting << "\n" << edited.value();
    EXPECT_EQ(edited.error().kind(), ErrorKind::kInvalidInput);
    EXPECT_THAT(edited.error().message(), HasSubstr(c.message));
    EXPECT_THAT(edited.error().message() + edited.error().remedy(),
                ::testing::Not(HasSubstr("secret-value")));
  }
}

}  // namespace
}  // namespace stargaze::config
