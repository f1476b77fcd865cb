#include "app/log_lines.h"

#include <algorithm>

#include <boost/json.hpp>

#include "app/output.h"
#include "base/instant.h"
#include "base/utf8.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kFlag = "--log-format";
constexpr std::string_view kWarning = "warning: ";

json::object ObjectOf(const char* type, Instant at) {
  return {{"v", 1}, {"t", type}, {"at", FormatInstantSeconds(at)}};
}

}  // namespace

const std::vector<std::string>& LogFormatNames() {
  static const std::vector<std::string> kNames{"text", "json"};
  return kNames;
}

LogFormat LogFormatOf(const std::vector<std::string>& arguments) {
  const auto flag = std::ranges::find_if(arguments, [](const std::string& argument) {
    return argument == kFlag || argument.starts_with(std::string(kFlag) + "=");
  });
  if (flag == arguments.end()) return LogFormat::kText;
  const bool is_next = *flag == kFlag;
  if (is_next && flag + 1 == arguments.end()) return LogFormat::kText;
  const std::string value = is_next ? *(flag + 1) : flag->substr(kFlag.size() + 1);
  return value == "json" ? LogFormat::kJson : LogFormat::kText;
}

std::string LogJson(const std::string& line, Instant at) {
  json::object object = ObjectOf("log", at);
  const bool warns = line.starts_with(kWarning);
  object["level"] = warns ? "warning" : "info";
  object["message"] = ToUtf8(warns ? line.substr(kWarning.size()) : line);
  return json::serialize(object) + "\n";
}

std::string ErrorJson(const Error& error, Instant at) {
  json::object object = ObjectOf("error", at);
  object["code"] = CodeOf(error.kind());
  object["message"] = ToUtf8(error.message());
  if (!error.remedy().empty()) object["remedy"] = ToUtf8(error.remedy());
  if (const auto delay = error.retry_after()) object["retry_after_s"] = delay->count();
  return json::serialize(object) + "\n";
}

JsonLines::~JsonLines() {
  const std::lock_guard lock(mutex_);
  if (!line_.empty()) EndLineLocked();
}

void JsonLines::EndLineLocked() {
  to_ << LogJson(line_, SystemClock().Now()) << std::flush;
  line_.clear();
}

void JsonLines::AppendLocked(char c) {
  if (c != '\n') {
    line_ += c;
  } else if (!line_.empty()) {
    EndLineLocked();
  }
}

int JsonLines::overflow(int c) {
  using Traits = std::streambuf::traits_type;
  const std::lock_guard lock(mutex_);
  if (!Traits::eq_int_type(c, Traits::eof())) AppendLocked(Traits::to_char_type(c));
  return Traits::not_eof(c);
}

std::streamsize JsonLines::xsputn(const char* text, std::streamsize size) {
  const std::lock_guard lock(mutex_);
  for (const char c : std::string_view(text, static_cast<std::size_t>(size))) AppendLocked(c);
  return size;
}

int JsonLines::sync() {
  return 0;  // A line is written when it ends.
}

}  // namespace stargaze::app
