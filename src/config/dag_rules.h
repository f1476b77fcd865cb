// What a DAG may say beyond its form. app knows it and fills this in: config knows neither tasks
// nor schedules.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

struct DagRules {
  std::vector<std::string> uses{};       // "collect", "refine", …
  std::vector<std::string> callbacks{};  // "slack", …
  // Refuses a time zone that there is not and a schedule that is malformed or never fires; the
  // error's message is shown. Asked about the zone alone first, with everything in the end. May be
  // empty: not checked.
  std::function<Status(const model::Dag& dag)> check_schedule{};
  // What a task of a dataset is mapped over: "followed", or nothing. May be empty: as written.
  std::function<std::string(const model::DagTask& task, const model::Dataset& dataset)>
      for_each_of{};
  // Of the collecting tasks in DAGs that no file declares, where such a pool is declared.
  std::string collect_pool{};
};

}  // namespace stargaze::config
