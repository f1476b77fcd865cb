// What an installation needs, looked at one by one: each check says what it found and, when that is
// not well, what to do.

#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "model/dataset.h"
#include "net/http_client.h"

namespace stargaze::app {

enum class Health { kOk, kWarning, kFailed, kSkipped };
std::string_view NameOf(Health health);

struct Finding {
  std::string check{};  // settings, data_folder, disk, published, clock, network, token, port
  Health health = Health::kOk;
  std::string detail{};
  std::string remedy{};
};

struct DoctorOptions {
  const config::Settings& settings;
  const model::Catalog& catalog;
  net::ProxySettings proxy{};
  Clock& clock;
  bool offline = false;  // Nothing is asked of the network.
  std::stop_token stop{};
};

// In a fixed order. Every wait has a limit of seconds.
std::vector<Finding> Examine(const DoctorOptions& options);

// The parts; the second asks the source.
std::vector<Finding> ExamineMachine(const DoctorOptions& options);
std::vector<Finding> ExamineSource(const DoctorOptions& options);

}  // namespace stargaze::app
