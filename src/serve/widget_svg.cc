#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "serve/widget.h"
#include "serve/xml_text.h"

namespace stargaze::serve {
namespace {

constexpr const char* kFont =
    "font-family=\"system-ui,'Noto Sans CJK KR',sans-serif\" font-size=\"12\"";
constexpr double kSparkWidth = 160;
constexpr double kSparkHeight = 32;
constexpr double kCurveWidth = 600;
constexpr double kCurveHeight = 240;

struct Box {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

std::string Grouped(int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return (value < 0 ? "-" : "") + digits;
}

std::string Signed(int64_t value) {
  return (value > 0 ? "+" : "") + Grouped(value);
}

std::string MetricName(const WidgetFacts& facts, const WidgetStyle& style) {
  if (facts.metric == "forks") return style.korean ? "포크" : "forks";
  return style.korean ? "스타" : "stars";
}

// Wide characters take about twice the room; exact widths are the viewer's.
double TextWidth(const std::string& text) {
  constexpr double kNarrow = 7;
  constexpr double kWide = 12.5;
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) width += kNarrow;
    if (byte >= 0xC0) width += kWide;
  }
  return std::ceil(width);
}

// The colours of the dashboard; "auto" follows the reader's own setting inside the picture.
std::string Style(const WidgetStyle& style) {
  const std::string light =
      ".s{fill:#fff;stroke:#d9dee6}.t{fill:#141a24}.m{fill:#5b6678}.l{stroke:#1b5cd1;fill:none}"
      ".h{stroke:#d9dee6}";
  const std::string dark =
      ".s{fill:#121822;stroke:#263041}.t{fill:#e8edf5}.m{fill:#8d99ab}.l{stroke:#7db0ff;fill:none}"
      ".h{stroke:#263041}";
  if (style.theme == "light") return "<style>" + light + "</style>";
  if (style.theme == "dark") return "<style>" + dark + "</style>";
  return "<style>" + light + "@media(prefers-color-scheme:dark){" + dark + "}</style>";
}

std::string Frame(double width, double height, const std::string& title, const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\"><title>{2}</title>{3}</svg>\n",
      width,
      height,
      EscapeXml(title),
      body);
}

std::string Sentence(const WidgetFacts& facts, const WidgetStyle& style) {
  std::string text = fmt::format("{}: {} {} ({})",
                                 facts.full_name,
                                 Grouped(facts.value),
                                 MetricName(facts, style),
                                 FormatDay(facts.day));
  if (facts.gain)
    text +=
        (style.korean ? ", 7일 " + Signed(*facts.gain) : ", " + Signed(*facts.gain) + " in 7 days");
  if (facts.sandbox) text += style.korean ? " · 샌드박스 데이터" : " · sandbox data";
  return text;
}

// A missing day lifts the pen.
std::string Line(const WidgetFacts& facts, const Box& box, int64_t low, int64_t high) {
  const double steps = std::max<double>(1, static_cast<double>(facts.readings.size()) - 1);
  const double range = std::max<double>(1, static_cast<double>(high - low));
  std::string path;
  bool is_down = false;
  for (std::size_t i = 0; i < facts.readings.size(); ++i) {
    if (facts.readings[i]) {
      path += fmt::format(
          "{}{:.1f} {:.1f}",
          is_down ? 'L' : 'M',
          box.left + box.width * static_cast<double>(i) / steps,
          box.top + box.height * (1 - static_cast<double>(*facts.readings[i] - low) / range));
    }
    is_down = facts.readings[i].has_value();
  }
  return fmt::format(
      "<path class=\"l\" d=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\" "
      "stroke-linecap=\"round\"/>",
      path);
}

std::pair<int64_t, int64_t> Range(const WidgetFacts& facts) {
  int64_t low = facts.value;
  int64_t high = facts.value;
  for (const auto& reading : facts.readings) {
    if (reading) low = std::min(low, *reading);
    if (reading) high = std::max(high, *reading);
  }
  return {low, high};
}

std::string Text(
    double x, double y, const char* kind, const std::string& text, const char* anchor = "start") {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>",
                     kind,
                     x,
                     y,
                     anchor,
                     kFont,
                     EscapeXml(text));
}

}  // namespace

std::string DrawBadge(const WidgetFacts& facts, const WidgetStyle& style) {
  const std::string name = MetricName(facts, style);
  std::string number = Grouped(facts.value);
  if (facts.gain)
    number +=
        (style.korean ? " · 7일 " + Signed(*facts.gain) : " · " + Signed(*facts.gain) + " / 7 d");
  if (facts.sandbox) number += style.korean ? " · 샌드박스" : " · sandbox";
  const double width = 24 + TextWidth(name) + 8 + TextWidth(number);
  return Frame(
      width,
      24,
      Sentence(facts, style),
      Style(style) +
          fmt::format(
              "<rect class=\"s\" x=\".5\" y=\".5\" width=\"{:.0f}\" height=\"23\" rx=\"6\"/>",
              width - 1) +
          Text(12, 16, "m", name) + Text(width - 12, 16, "t", number, "end"));
}

std::string DrawSpark(const WidgetFacts& facts, const WidgetStyle& style) {
  const auto [low, high] = Range(facts);
  const Box box{.left = 4, .top = 4, .width = kSparkWidth - 8, .height = kSparkHeight - 8};
  return Frame(kSparkWidth,
               kSparkHeight,
               Sentence(facts, style),
               Style(style) + Line(facts, box, low, high));
}

std::string DrawCurve(const WidgetFacts& facts, const WidgetStyle& style) {
  const auto [low, high] = Range(facts);
  const Box box{.left = 16, .top = 56, .width = kCurveWidth - 32, .height = kCurveHeight - 104};
  const double bottom = box.top + box.height;
  std::string body = Style(style);
  body += fmt::format(
      "<rect class=\"s\" x=\".5\" y=\".5\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"10\"/>",
      kCurveWidth - 1,
      kCurveHeight - 1);
  body += Text(16, 26, "t", facts.full_name);
  body +=
      Text(kCurveWidth - 16, 26, "t", Grouped(facts.value) + " " + MetricName(facts, style), "end");
  for (const double y : {box.top, bottom})
    body += fmt::format(
        "<path class=\"h\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", box.left, y, box.left + box.width);
  body += Text(16, box.top - 6, "m", Grouped(high)) + Text(16, bottom - 6, "m", Grouped(low));
  body += Line(facts, box, low, high);
  body += Text(16, bottom + 18, "m", FormatDay(facts.first_reading));
  body += Text(kCurveWidth - 16, bottom + 18, "m", FormatDay(facts.day) + " UTC", "end");
  const std::string source = style.korean ? "매일 직접 측정 · 빈 날은 잇지 않음"
                                          : "measured daily · a missing day is not bridged";
  body += Text(
      16,
      kCurveHeight - 10,
      "m",
      source + (facts.sandbox ? (style.korean ? " · 샌드박스 데이터" : " · sandbox data") : ""));
  return Frame(kCurveWidth, kCurveHeight, Sentence(facts, style), body);
}

std::string DrawReason(const std::string& reason, const WidgetStyle& style) {
  const double width = 24 + TextWidth(reason);
  return Frame(
      width,
      24,
      reason,
      Style(style) +
          fmt::format(
              "<rect class=\"s\" x=\".5\" y=\".5\" width=\"{:.0f}\" height=\"23\" rx=\"6\"/>",
              width - 1) +
          Text(12, 16, "m", reason));
}

}  // namespace stargaze::serve
