#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "app/report.h"
#include "base/version.h"

namespace stargaze::app {
namespace {

using storage::SqlRows;
using storage::SqlValue;

// Both languages beside each other: neither can lack what the other has.
struct Words {
  std::string_view lang, title, as_of, sandbox, top, risers, licenses, repository, total_stars,
      total_forks, gain, per_day, versus, license, language, days28, matching, no_reading, source,
      method, by, window, days, velocity, acceleration, total;
};

constexpr Words kEnglish{
    .lang = "en",
    .title = "Rising in open source",
    .as_of = "as of",
    .sandbox = "Sandbox data: simulated repositories",
    .top = "Top 10",
    .risers = "Risers",
    .licenses = "Licences of the repositories shown",
    .repository = "Repository",
    .total_stars = "Stars",
    .total_forks = "Forks",
    .gain = "Gain",
    .per_day = "a day",
    .versus = "against the window before, a day",
    .license = "Licence",
    .language = "Language",
    .days28 = "28 days",
    .matching = "repositories match",
    .no_reading = "without a reading that is old enough: no velocity",
    .source = "Collected from GitHub's API by daily readings; published",
    .method =
        "Velocity: gain over the window by the time between the two readings. Days are UTC. "
        "≈: the window was stretched to the nearest earlier reading.",
    .by = "ranked by",
    .window = "window",
    .days = " days",
    .velocity = "gain a day",
    .acceleration = "acceleration",
    .total = "total"};

constexpr Words kKorean{.lang = "ko",
                        .title = "오픈소스 상승 순위",
                        .as_of = "기준일",
                        .sandbox = "샌드박스 데이터: 가상의 저장소입니다",
                        .top = "상위 10",
                        .risers = "상승 중",
                        .licenses = "표시된 저장소의 라이선스",
                        .repository = "저장소",
                        .total_stars = "스타",
                        .total_forks = "포크",
                        .gain = "증가",
                        .per_day = "하루 증가",
                        .versus = "직전 기간 대비 하루 증가",
                        .license = "라이선스",
                        .language = "언어",
                        .days28 = "28일",
                        .matching = "개 저장소가 조건에 맞음",
                        .no_reading = "개는 충분히 오래된 측정값이 없어 속도가 없음",
                        .source = "GitHub API에서 매일 측정하여 수집함, 게시 시각",
                        .method =
                            "속도: 기간 동안의 증가를 두 측정 사이의 시간으로 나눈 값. 날짜는 UTC. "
                            "≈: 가장 가까운 이전 측정값까지 기간을 늘림.",
                        .by = "정렬 기준",
                        .window = "기간",
                        .days = "일",
                        .velocity = "하루 증가",
                        .acceleration = "가속도",
                        .total = "전체"};

// The dashboard's colours (text at least 4.5:1 on its surface).
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--surface:#fff;--line:#d9dee6;--text:#141a24;--soft:#475264;--accent:#1b5cd1;--tint:#e7effc}
@media (prefers-color-scheme:dark){:root{--page:#0b0f17;--surface:#121822;--line:#263041;--text:#e8edf5;--soft:#aeb9c9;--accent:#7db0ff;--tint:#16273f}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1240px;padding:24px;background:var(--page);color:var(--text);font:14px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:28px;margin:0}h2{font-size:16px;margin:32px 0 8px}p{margin:4px 0;color:var(--soft)}.note{background:var(--tint);color:var(--text);padding:8px 12px;border-radius:6px;margin:12px 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;background:var(--surface)}th,td{padding:6px 10px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--soft);font-weight:500}thead th{white-space:normal;vertical-align:bottom}.n{text-align:right}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}svg{display:block}.bar{fill:var(--accent)}.line{fill:none;stroke:var(--accent);stroke-width:1.5}
footer{margin-top:32px;border-top:1px solid var(--line);padding-top:8px;font-size:12px}@media(max-width:560px){body{padding:16px}td:nth-child(2){white-space:normal;overflow-wrap:anywhere;min-width:112px}th,td{padding:6px}}@media print{body{max-width:none;padding:0}}
)css";

std::string Escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// Title, header and rows of a table, which is scrolled by keyboard too where it is too wide.
constexpr const char* kSection =
    "<h2>{0}</h2><div class=\"scroll\" role=\"group\" aria-label=\"{0}\" tabindex=\"0\"><table>{1}"
    "<tbody>\n{2}</tbody></table></div>\n";

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return (number < 0 ? "−" : "") + digits;
}

std::string Signed(const SqlValue& value) {
  if (const auto* count = std::get_if<int64_t>(&value))
    return (*count > 0 ? "+" : "") + Grouped(*count);
  if (const auto* number = std::get_if<double>(&value)) {
    const std::string text = fmt::format("{:.1f}", *number < 0 ? -*number : *number);
    const std::size_t point = text.find('.');
    return (*number > 0   ? "+"
            : *number < 0 ? "−"
                          : "") +
           Grouped(std::stoll(text.substr(0, point))) + text.substr(point);
  }
  return "–";
}

std::string TextOrDash(const std::string& text) {
  return text.empty() ? "–" : Escaped(text);
}

// Names link to where they come from; a sandbox's come from nowhere.
std::string Name(const std::string& full_name, bool sandbox) {
  const std::string safe = Escaped(full_name);
  return sandbox
             ? safe
             : fmt::format(R"(<a href="https://github.com/{0}" rel="noreferrer">{0}</a>)", safe);
}

std::string Bar(int64_t value, int64_t largest) {
  constexpr double kWidth = 320;
  const double width =
      largest <= 0 ? 0 : kWidth * static_cast<double>(value) / static_cast<double>(largest);
  return fmt::format(
      R"(<svg width="320" height="12" aria-hidden="true"><rect class="bar" width="{:.1f}" height="12"/></svg>)",
      width);
}

std::string Sparkline(const std::vector<int64_t>& values, std::string_view label) {
  if (values.size() < 2) return "–";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = std::max<double>(1, static_cast<double>(*high - *low));
  std::string points;
  for (std::size_t i = 0; i < values.size(); ++i)
    points += fmt::format("{:.1f},{:.1f} ",
                          88.0 * static_cast<double>(i) / static_cast<double>(values.size() - 1),
                          18.0 - 16.0 * static_cast<double>(values[i] - *low) / range);
  points.pop_back();
  return fmt::format(
      R"(<svg width="88" height="20" role="img" aria-label="{}: {} – {}"><polyline class="line" points="{}"/></svg>)",
      label,
      Grouped(values.front()),
      Grouped(values.back()),
      points);
}

std::string Header(std::initializer_list<std::string_view> names,
                   std::size_t numbers_from,
                   std::size_t numbers_to) {
  std::string row = "<thead><tr>";
  std::size_t at = 0;
  for (const std::string_view name : names) {
    const bool number = at == 0 || (at >= numbers_from && at < numbers_to);
    row += name.empty()
               ? "<td></td>"  // Of bars.
               : fmt::format(R"(<th scope="col"{}>{}</th>)", number ? R"( class="n")" : "", name);
    ++at;
  }
  return row + "</tr></thead>";
}

std::string TopTable(const ReportData& data, const Words& words) {
  const SqlRows& rows = data.top.rows;
  const bool stars = data.query.metric == "stars";
  const std::size_t total = stars ? 3 : 4;
  std::string body;
  const int64_t largest = rows.empty() ? 0 : rows.Integer(0, total);
  for (std::size_t row = 0; row < rows.size(); ++row)
    body += fmt::format(
        R"(<tr><td class="n">{}</td><td>{}</td><td class="n">{}</td><td class="n">{}</td><td>{}</td></tr>)"
        "\n",
        rows.Integer(row, 0),
        Name(rows.Text(row, 2), data.top.sandbox),
        Grouped(rows.Integer(row, total)),
        Signed(rows.rows[row][5]),
        Bar(rows.Integer(row, total), largest));
  return fmt::format(
      kSection,
      words.top,
      Header({"#", words.repository, stars ? words.total_stars : words.total_forks, words.gain, ""},
             2,
             4),
      body);
}

std::string RisersTable(const ReportData& data, const Words& words) {
  const SqlRows& rows = data.risers.rows;
  const bool stars = data.query.metric == "stars";
  std::string body;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto readings = data.readings.find(rows.Integer(row, 1));
    const bool stretched = rows.Text(row, 9) == "stretched";
    body += fmt::format(
        R"(<tr><td class="n">{}</td><td>{}</td><td class="n">{}{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>)"
        "\n",
        rows.Integer(row, 0),
        Name(rows.Text(row, 2), data.risers.sandbox),
        stretched ? "≈" : "",
        Signed(rows.rows[row][6]),
        Signed(rows.rows[row][5]),
        Signed(rows.rows[row][7]),
        Grouped(rows.Integer(row, stars ? 3 : 4)),
        readings == data.readings.end() ? "–" : Sparkline(readings->second, words.days28),
        TextOrDash(rows.Text(row, 10)),
        TextOrDash(rows.Text(row, 11)));
  }
  return fmt::format(kSection,
                     words.risers,
                     Header({"#",
                             words.repository,
                             words.per_day,
                             words.gain,
                             words.versus,
                             stars ? words.total_stars : words.total_forks,
                             words.days28,
                             words.license,
                             words.language},
                            2,
                            6),
                     body);
}

std::string LicenseTable(const ReportData& data, const Words& words) {
  std::string body;
  const int64_t largest = data.licenses.empty() ? 0 : data.licenses.front().count;
  for (const LicenseShare& share : data.licenses)
    body += fmt::format(R"(<tr><td>{}</td><td class="n">{}</td><td>{}</td></tr>)"
                        "\n",
                        Escaped(share.license),
                        Grouped(share.count),
                        Bar(share.count, largest));
  return fmt::format(kSection, words.licenses, "", body);
}

std::string_view OrderName(const std::string& by, const Words& words) {
  if (by == "velocity") return words.velocity;
  if (by == "acceleration") return words.acceleration;
  return by == "gain" ? words.gain : words.total;
}

std::string Summary(const ReportData& data, const Words& words) {
  std::string text = fmt::format("<p>{} {} (UTC) · {} {} · {} {} · {} {}{}</p>\n",
                                 words.as_of,
                                 FormatDay(data.risers.day),
                                 Grouped(data.risers.matching),
                                 words.matching,
                                 words.by,
                                 OrderName(data.query.by, words),
                                 words.window,
                                 data.query.window_days,
                                 words.days);
  if (data.risers.without_reading > 0)
    text += fmt::format("<p>{} {}</p>\n", Grouped(data.risers.without_reading), words.no_reading);
  if (data.risers.sandbox) text += fmt::format("<p class=\"note\">{}</p>\n", words.sandbox);
  return text;
}

}  // namespace

std::string ReportHtml(const ReportData& data, ReportLanguage language) {
  const Words& words = language == ReportLanguage::kKorean ? kKorean : kEnglish;
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} · {}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
      words.lang,
      words.title,
      FormatDay(data.risers.day),
      kStyle,
      words.title);
  html += Summary(data, words);
  html += TopTable(data, words);
  html += RisersTable(data, words);
  html += LicenseTable(data, words);
  html += fmt::format(
      "</main>\n<footer><p>{} {}. {}</p><p>Stargaze {} · {}</p></footer>\n</body>\n</html>\n",
      words.source,
      FormatInstantSeconds(data.published_at),
      words.method,
      kVersion,
      Escaped(data.version));
  return html;
}

}  // namespace stargaze::app
