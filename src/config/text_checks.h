// Rules for texts in declarations that a pattern cannot say. Each answers what is wrong, or
// nothing.

#pragma once

#include <string>
#include <vector>

namespace stargaze::config {

std::string CheckJsonPath(const std::string& text);
// Regular expressions are run by RE2 in the warehouse's engine: what RE2 lacks (look-around,
// back-references) is refused.
std::string CheckRegex(const std::string& text);
// Braces in pairs, each pair around a name.
std::string CheckTemplate(const std::string& text);
// No control characters, which could end a header or a line.
std::string CheckPlainValue(const std::string& text);

bool IsWholeNumber(const std::string& text);  // Of at most 18 digits, perhaps with a minus.

// The names in braces of a template that CheckTemplate accepts, in order: "band.from".
std::vector<std::string> TemplateNames(const std::string& text);

}  // namespace stargaze::config
