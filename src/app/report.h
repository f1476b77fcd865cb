// A report: one HTML file that shows a day's ranking anywhere, without a server and a network.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/ranking.h"

namespace stargaze::app {

struct LicenseShare {
  std::string license{};
  int64_t count = 0;
};

struct ReportData {
  RankingQuery query{};
  Ranking top{};                                       // By total, 10 rows.
  Ranking risers{};                                    // By the query's order.
  std::map<int64_t, std::vector<int64_t>> readings{};  // Repository → the last 28 days' counts.
  std::vector<LicenseShare> licenses{};                // The largest ones, of the matching.
  Instant published_at{};
  std::string version{};  // Of the publication.
};

Result<ReportData> ReadReport(warehouse::PublishedLease& lease, const RankingQuery& query);

enum class ReportLanguage { kEnglish, kKorean };

// The whole file. Nothing in it is fetched or run; light or dark as the reader's system is.
std::string ReportHtml(const ReportData& data, ReportLanguage language);

}  // namespace stargaze::app
