// How many stars and forks a generated repository has: closed forms, so that any instant costs the
// same.

#pragma once

#include <cstdint>
#include <string_view>

namespace stargaze::sandbox {

enum class CurveKind : unsigned char {
  kOrganic,  // Grows with slow swings and a weekly rhythm.
  kViral,    // An S-curve within weeks.
  kStale,    // Hardly moves; withdrawn stars can outweigh new ones.
  kBought,   // Organic with a step of thousands at one instant, part of which the platform removes
             // later.
};

std::string_view CurveName(CurveKind kind);

// Days are counted from the world's start and may be fractional or negative.
struct Curve {
  CurveKind kind = CurveKind::kOrganic;
  double birth_day = 0;       // Before: no stars.
  double stars_at_start = 0;  // On day 0, or on the birth day if that is later.
  double stars_per_day = 0;   // Long-term rate.
  double swing = 0;           // In [0, 1): how far the rate sways around the long-term one.
  double swing_days = 90;     // Period of the swing.
  double swing_phase = 0;
  double viral_stars = 0;   // Height of the S-curve.
  double viral_day = 0;     // Its steepest day.
  double viral_days = 5;    // Its time constant.
  double bought_stars = 0;  // Height of the step.
  double bought_day = 0;
  double purged_stars = 0;  // Taken away again, at most bought_stars.
  double purged_day = 0;
  double withdrawn_stars = 0;       // Taken away each time.
  double withdrawn_every_days = 0;  // 0: never.
  double fork_ratio = 0.1;          // Forks for a star that was given in earnest.
};

// What the weekly rhythm adds at a day; the same for all repositories, so that a caller computes it
// once.
double WeeklyRhythm(double day);

// Never negative; 0 before the birth.
int64_t StarsAt(const Curve& curve, double day, double weekly_rhythm);
int64_t ForksAt(const Curve& curve, double day, double weekly_rhythm);

}  // namespace stargaze::sandbox
