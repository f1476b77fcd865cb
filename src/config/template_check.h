// Templates of a request: every name in braces must be a variable that exists there.

#pragma once

#include <string>
#include <vector>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/dataset.h"

namespace stargaze::config {

class TemplateCheck {
 public:
  // Knows the dataset's vars and, for each followed repository, its attributes.
  TemplateCheck(const model::Dataset& dataset, Problems& problems);

  void Allow(const std::string& name) { names_.push_back(name); }
  void AllowBand();  // {band.from} and {band.to}

  // Checks every template in `node` and below.
  void Check(const YamlNode& node);

 private:
  void CheckName(const YamlNode& node, const std::string& name);

  std::vector<std::string> names_;
  Problems& problems_;
};

}  // namespace stargaze::config
