#include "serve/xml_text.h"

namespace stargaze::serve {

std::string EscapeXml(std::string_view text) {
  constexpr unsigned char kFirstPrintable = 0x20;
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else if (static_cast<unsigned char>(c) < kFirstPrintable && c != '\n' && c != '\t' && c != '\r')
      escaped += "\xEF\xBF\xBD";
    else
      escaped += c;
  }
  return escaped;
}

}  // namespace stargaze::serve
