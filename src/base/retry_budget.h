// How many retries a piece of work may still make, over everything it does.

#pragma once

namespace stargaze {

class RetryBudget {
 public:
  explicit RetryBudget(int retries) : left_(retries) {}

  // Takes one retry; false when none is left.
  bool Take() {
    if (left_ == 0) return false;
    --left_;
    ++taken_;
    return true;
  }

  int taken() const { return taken_; }

 private:
  int left_;
  int taken_ = 0;
};

}  // namespace stargaze
