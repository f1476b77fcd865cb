// What a licence asks of whoever uses the code, in five classes: marts/license_class.csv as a
// value.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stargaze::serve {

// In the order in which pages show them; "other": a licence that the table does not class.
const std::vector<std::string>& LicenseClasses();

// By licence key; "none" stands for no licence, and is its own class.
const std::map<std::string, std::string, std::less<>>& LicenseClassTable();

std::string ClassOfLicense(std::string_view license_key);

}  // namespace stargaze::serve
