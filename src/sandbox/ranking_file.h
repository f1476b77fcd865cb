// One day's ranking file as a snapshot.

#pragma once

#include <memory>
#include <string_view>

#include "sandbox/world.h"

namespace stargaze::sandbox {

// kCorrupt for a file without the needed columns, a record with another number of fields, a count
// that is no number, a name that GitHub would not give; the message says which record (the header
// is number 1).
Result<std::shared_ptr<const Snapshot>> ReadRankingFile(std::string_view csv, Day day);

// "github-ranking-2022-06-06.csv", with or without folders before it.
std::optional<Day> DayOfRankingFile(std::string_view path);

}  // namespace stargaze::sandbox
