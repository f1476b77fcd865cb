// What is wrong with files that people write, all of it, with the place of each.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace stargaze::config {

// Where something was written.
struct Place {
  std::string file{};
  int line = 0;       // From 1; 0: the file as a whole.
  std::string key{};  // Dotted, "repository.stars.type"; empty: the document.

  // "catalog/github/repository.yaml:14: repository.stars.type"
  std::string ToString() const;
  friend bool operator==(const Place&, const Place&) = default;
};

class Problems {
 public:
  // The same problem at the same place counts once.
  void Add(const Place& place, const std::string& message);
  // For what a later version will understand.
  void AddNotSupportedYet(const Place& place, const std::string& what);
  void Append(const Problems& other);

  bool empty() const { return found_.empty(); }
  std::size_t size() const { return found_.size() + not_kept_; }

  // kInvalidInput with one line per problem, in the order of files and lines, at most 20 of them.
  // Must not be empty.
  Error ToError() const;

 private:
  struct Problem {
    Place place{};
    std::string message{};
  };
  std::vector<Problem> found_;
  std::size_t not_kept_ = 0;
};

}  // namespace stargaze::config
