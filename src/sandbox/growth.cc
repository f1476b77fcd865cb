#include "sandbox/growth.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stargaze::sandbox {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

// What rounding may have taken from a whole number of stars comes back before the fraction goes.
int64_t Whole(double stars) {
  constexpr double kRounding = 1e-6;
  return static_cast<int64_t>(std::max(0.0, stars + kRounding));
}

double Logistic(double day, double middle, double days) {
  return 1 / (1 + std::exp((middle - day) / days));
}

// Stars given in earnest that nobody took back: what forks follow.
double EarnestStars(const Curve& curve, double day, double weekly_rhythm) {
  const double origin = std::max(0.0, curve.birth_day);
  const double elapsed = day - origin;
  if (elapsed < 0) {  // Before the world's start: a straight line from the birth.
    return curve.stars_at_start * (day - curve.birth_day) / (origin - curve.birth_day);
  }
  double stars =
      curve.stars_at_start + curve.stars_per_day * (elapsed + weekly_rhythm - WeeklyRhythm(origin));
  if (curve.swing > 0) {
    const double before = std::cos(curve.swing_phase);
    const double now = std::cos(kTwoPi * elapsed / curve.swing_days + curve.swing_phase);
    stars += curve.stars_per_day * curve.swing * curve.swing_days / kTwoPi * (before - now);
  }
  if (curve.viral_stars > 0) {
    stars += curve.viral_stars * (Logistic(day, curve.viral_day, curve.viral_days) -
                                  Logistic(origin, curve.viral_day, curve.viral_days));
  }
  return stars;
}

double WithdrawnStars(const Curve& curve, double day) {
  if (curve.withdrawn_every_days <= 0 || day <= 0) return 0;
  const double since = std::max(0.0, day - std::max(0.0, curve.birth_day));
  return std::floor(since / curve.withdrawn_every_days) * curve.withdrawn_stars;
}

double StepStars(const Curve& curve, double day) {
  if (day < curve.bought_day) return 0;
  return curve.bought_stars - (day >= curve.purged_day ? curve.purged_stars : 0);
}

}  // namespace

std::string_view CurveName(CurveKind kind) {
  switch (kind) {
    case CurveKind::kOrganic:
      return "organic";
    case CurveKind::kViral:
      return "viral";
    case CurveKind::kStale:
      return "stale";
    case CurveKind::kBought:
      return "bought";
  }
  return "unknown";
}

double WeeklyRhythm(double day) {
  constexpr double kStrength = 0.35;  // Weekdays bring about a third more than the average.
  return kStrength * 7 / kTwoPi * std::sin(kTwoPi * day / 7);
}

int64_t StarsAt(const Curve& curve, double day, double weekly_rhythm) {
  if (day < curve.birth_day) return 0;
  const double stars =
      EarnestStars(curve, day, weekly_rhythm) + StepStars(curve, day) - WithdrawnStars(curve, day);
  return Whole(stars);
}

int64_t ForksAt(const Curve& curve, double day, double weekly_rhythm) {
  if (day < curve.birth_day) return 0;
  return Whole(curve.fork_ratio * EarnestStars(curve, day, weekly_rhythm));
}

}  // namespace stargaze::sandbox
