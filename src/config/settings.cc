#include "config/settings.h"

#include <algorithm>
#include <charconv>

namespace stargaze::config {

const SettingValue& Settings::Value(std::string_view name,
                                    std::initializer_list<SettingType> types) const {
  const SettingSpec* spec = FindSetting(name);
  SG_ASSERT(spec != nullptr);
  SG_ASSERT(std::find(types.begin(), types.end(), spec->type) != types.end());
  return values_.find(name)->second;
}

const std::string& Settings::Text(std::string_view name) const {
  return Value(name, {SettingType::kText, SettingType::kPath}).text;
}

int64_t Settings::Integer(std::string_view name) const {
  const std::string& text = Value(name, {SettingType::kInteger}).text;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  SG_ASSERT(error == std::errc() && end == text.data() + text.size());
  return value;
}

bool Settings::Boolean(std::string_view name) const {
  return Value(name, {SettingType::kBoolean}).text == "true";
}

const std::vector<std::string>& Settings::List(std::string_view name) const {
  return Value(name, {SettingType::kPathList}).list;
}

const std::string& Settings::Origin(std::string_view name) const {
  const auto found = values_.find(name);
  SG_ASSERT(found != values_.end());
  return found->second.origin;
}

std::vector<ShownSetting> Settings::All() const {
  std::vector<ShownSetting> all;
  for (const SettingSpec& spec : AllSettings()) {
    const SettingValue& value = values_.at(spec.name);
    ShownSetting shown{
        .name = spec.name, .value = value.text, .origin = value.origin, .help = spec.help};
    if (spec.secret && !value.text.empty()) shown.value = "***";
    for (const std::string& item : value.list)
      shown.value += (shown.value.empty() ? "" : ":") + item;
    all.push_back(std::move(shown));
  }
  for (const auto& [dag_id, value] : schedules_) {
    all.push_back(
        {.name = "pipelines." + dag_id + ".schedule", .value = value.text, .origin = value.origin});
  }
  for (const auto& [dataset, values] : variables_) {
    for (const auto& [name, value] : values) {
      all.push_back(
          {.name = "vars." + dataset + "." + name, .value = value.text, .origin = value.origin});
    }
  }
  return all;
}

}  // namespace stargaze::config
