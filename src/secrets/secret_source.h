// Where secrets come from.

#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "secrets/secret.h"

namespace stargaze::secrets {

/// Gives a secret by its name. kNotFound when there is none of that name; the error names the
/// secret, never its text. Safe for concurrent use.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  virtual Result<Secret> Get(const std::string& name) = 0;
};

// The variables that the process was given, handed in.
class EnvironmentSecrets final : public SecretSource {
 public:
  explicit EnvironmentSecrets(std::map<std::string, std::string> variables)
      : variables_(std::move(variables)) {}
  Result<Secret> Get(const std::string& name) override;

 private:
  const std::map<std::string, std::string> variables_;
};

// Names are paths. kUnauthorized, with the remedy, when others than the owner may read the file.
class FileSecrets final : public SecretSource {
 public:
  Result<Secret> Get(const std::string& path) override;
};

}  // namespace stargaze::secrets
