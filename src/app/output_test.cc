#include "app/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "app/aligned_table.h"

namespace stargaze::app {
namespace {

const TableOutput kTable{.columns = {"name", "stars", "id"},
                         .rows = {{std::string("a\tb"), int64_t{5}, int64_t{1}},
                                  {std::string("=x,\"y|"), 1.25, std::monostate{}}},
                         .more = {"id"}};

std::string Printed(const OutputOptions& options, const TableOutput& table = kTable) {
  std::ostringstream out;
  const Status done = PrintTable(out, options, table);
  return done.ok() ? out.str() : done.error().message() + " / " + done.error().remedy();
}

TEST(Output, HasAFormForEverybody) {
  EXPECT_EQ(Printed({}), "a b\t5\n=x,\"y|\t1.25\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kTsv}), "name\tstars\na b\t5\n=x,\"y|\t1.25\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kTsv, .no_header = true}), Printed({}));
  EXPECT_EQ(Printed({.format = OutputFormat::kCsv}),
            "name,stars\r\na\tb,5\r\n\"'=x,\"\"y|\",1.25\r\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kCsv, .no_header = true}),
            "a\tb,5\r\n\"'=x,\"\"y|\",1.25\r\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kJson}),
            "[{\"name\":\"a\\tb\",\"stars\":5,\"id\":1},"
            "{\"name\":\"=x,\\\"y|\",\"stars\":1.25E0,\"id\":null}]\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kNdjson, .columns = {"id"}}),
            "{\"id\":1}\n{\"id\":null}\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kMarkdown}),
            "| name | stars |\n|---|---:|\n| a b | 5 |\n| =x,\"y\\| | 1.25 |\n");
  EXPECT_EQ(Printed({.out_is_terminal = true}), "name    stars\na?b         5\n=x,\"y|   1.25\n");
  EXPECT_EQ(Printed({.list_columns = true}), "name\nstars\nid\n");
  EXPECT_EQ(Printed({.format = OutputFormat::kJson}, {.columns = {"a"}}), "[]\n");
}

TEST(Output, TakesColumnsInTheOrderAsked) {
  EXPECT_EQ(Printed({.columns = {"id", "name"}}), "1\ta b\n\t=x,\"y|\n");
  EXPECT_EQ(Printed({.columns = {"nam"}}),
            "there is no column 'nam', did you mean 'name'? / choose from: name, stars, id");
}

TEST(Output, SortsByValueAndPutsWhatIsMissingLast) {
  const TableOutput table{.columns = {"n", "id"},
                          .rows = {{std::monostate{}, int64_t{1}},
                                   {int64_t{10}, int64_t{2}},
                                   {9.5, int64_t{3}},
                                   {int64_t{10}, int64_t{4}}}};
  EXPECT_EQ(Printed({.sort = "n"}, table), "9.5\t3\n10\t2\n10\t4\n\t1\n");
  EXPECT_EQ(Printed({.columns = {"id"}, .sort = "n:desc"}, table), "2\n4\n3\n1\n");
  EXPECT_EQ(Printed({.sort = "m"}, table),
            "there is no column 'm', did you mean 'n'? / choose from: n, id");
  EXPECT_EQ(Printed({.sort = "n:down"}, table),
            "not a direction: 'down' / write --sort COLUMN, or --sort COLUMN:desc");
}

TEST(Output, WritesInstantsInTheZoneAsked) {
  const TableOutput table{
      .columns = {"at"},
      .rows = {{*ParseInstant("2026-01-31T20:30:00Z")}, {*ParseInstant("2026-07-01T00:00:00Z")}}};
  const auto in = [&](const char* name) {
    const auto zone = orchestrate::Zone::Find(name);
    return Printed({.zone = zone.value()}, table);
  };
  EXPECT_EQ(in("UTC"), "2026-01-31T20:30:00Z\n2026-07-01T00:00:00Z\n");
  EXPECT_EQ(in("Asia/Seoul"), "2026-02-01T05:30:00+09:00\n2026-07-01T09:00:00+09:00\n");
  EXPECT_EQ(in("America/St_Johns"), "2026-01-31T17:00:00-03:30\n2026-06-30T21:30:00-02:30\n");
}

TEST(Output, FitsTheTerminal) {
  const TableOutput wide{.columns = {"text", "n"},
                         .rows = {{std::string("a rather long text"), int64_t{7}},
                                  {std::string("별을 보는 사람"), int64_t{12345}}}};
  EXPECT_EQ(Printed({.out_is_terminal = true, .width = 18}, wide),
            "text             n\na rather l…      7\n별을 보는 …  12345\n");
  EXPECT_EQ(Printed({.out_is_terminal = true, .color = true}, wide).substr(0, 8), "\x1b[1mtext");
}

TEST(Output, SaysWhatWentWrongInParts) {
  std::ostringstream err;
  PrintError(err, Error(ErrorKind::kRateLimited, "the limit").After(std::chrono::seconds(9)));
  PrintError(err, Error(ErrorKind::kNotFound, "gone").Remedy("look elsewhere"), true);
  EXPECT_EQ(err.str(),
            "error[E-RATE-LIMITED]: the limit · may work again in 9 s\n"
            "\x1b[1;31merror[E-NOT-FOUND]\x1b[0m: gone · look elsewhere\n");
}

TEST(Printable, KeepsTextAndColoursAndNothingThatDrivesATerminal) {
  EXPECT_EQ(Printable("a\tb…한\n"), "a\tb…한\n");
  EXPECT_EQ(Printable("\x1b[1;31mred\x1b[0m"), "\x1b[1;31mred\x1b[0m");
  EXPECT_EQ(Printable("\x1b]0;title\x07x"), "]0;titlex");
  EXPECT_EQ(Printable("\x1b[2Jx\x1b[31"), "[2Jx[31");
  EXPECT_EQ(Printable("a\r\x7f\xc2\x9b"
                      "31mb"),
            "a31mb");
}

}  // namespace
}  // namespace stargaze::app
