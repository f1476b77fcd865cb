#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/report.h"
#include "base/replace_file.h"

namespace stargaze::app {
namespace {

struct ReportOptions {
  RankingFlags ranking{};
  std::string file{};
  std::string language = "en";
};

Status Write(const std::string& file, const std::string& text) {
  const Status written = ReplaceFile(file, text);
  if (written.ok()) return Ok();
  return Error(written.error())
      .While("the report")
      .Remedy("check the folder and its permissions, or -o - for standard output");
}

Status Report(Session& session, const ReportOptions& options) {
  SG_TRY(const RankingQuery query, options.ranking.Read());
  if (options.file != "-" && session.environment().attached != nullptr)
    return Error(ErrorKind::kInvalidInput, "a server does not write your files")
        .Remedy("print it and keep that: stargaze --server URL report -o - > FILE");
  SG_TRY(const std::string home, session.Home());
  SG_TRY(const std::unique_ptr<warehouse::PublishedReader> published, OpenPublished(home));
  SG_TRY(warehouse::PublishedLease lease, AcquirePublished(*published, session.environment().stop));
  SG_TRY(const ReportData data, ReadReport(lease, query));
  const std::string html = ReportHtml(
      data, options.language == "ko" ? ReportLanguage::kKorean : ReportLanguage::kEnglish);
  if (options.file == "-") {
    session.out() << html;
    return Ok();
  }
  SG_RETURN_IF_ERROR(Write(options.file, html));
  session.err() << fmt::format("{}: {} of {} repositories on {} (UTC)\n",
                               options.file,
                               data.risers.rows.size(),
                               data.risers.matching,
                               FormatDay(data.risers.day));
  return Ok();
}

}  // namespace

void AddReportCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* report =
      app.add_subcommand("report", "Write a day's ranking as one HTML file that needs no network");
  report->add_option("-o,--output", options->file, "Where to; -: standard output")
      ->type_name("FILE")
      ->required();
  report->add_option("--lang", options->language, "Language of the report")
      ->type_name("LANG")
      ->check(OneOf({"en", "ko"}))
      ->capture_default_str();
  AddRankingFlags(*report, options->ranking);
  report->callback([&session, options] {
    session.reach = Reach::kServer;
    session.action = [options](Session& s) { return Report(s, *options); };
  });
}

}  // namespace stargaze::app
