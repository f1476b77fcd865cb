// Small SVG pictures for foreign pages: a badge, a sparkline, a star curve.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "net/http_server.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

struct WidgetStyle {
  std::string theme = "auto";  // auto, light, dark
  bool korean = false;
};

struct WidgetFacts {
  std::string full_name{};
  std::string metric = "stars";  // stars, forks
  int64_t value = 0;
  std::optional<int64_t> gain{};  // Of 7 days.
  Day day{};
  bool sandbox = false;
  // Oldest first; a day without a reading is empty and breaks the line.
  std::vector<std::optional<int64_t>> readings{};
  Day first_reading{};
};

std::string DrawBadge(const WidgetFacts& facts, const WidgetStyle& style);
std::string DrawSpark(const WidgetFacts& facts, const WidgetStyle& style);
std::string DrawCurve(const WidgetFacts& facts, const WidgetStyle& style);
// A picture that says why there is none.
std::string DrawReason(const std::string& reason, const WidgetStyle& style);

// Safe for concurrent use.
class Widgets {
 public:
  // Outlives the object.
  explicit Widgets(warehouse::PublishedReader& published) : published_(published) {}

  // `kind`: badge, spark or stars. Always 200 and a picture: what embeds it can show nothing else.
  Result<net::HttpResponse> Draw(const net::ServerRequest& request, const std::string& kind);

 private:
  warehouse::PublishedReader& published_;
};

}  // namespace stargaze::serve
