// The forms of answers in a few words, and JSON Schema made of them for the API's document.
//
//   Freshness: how old the data is
//     now instant  The server's time.
//     datasets [DatasetFreshness]
//
//   DatasetFreshness
//     last_success instant?  Null before the first success.
//
// A form begins at the line's start, a field is indented: name, type, two blanks, description.
// Types: string, integer, number, boolean, day, instant, any, map (of any), a|b|c (one of these
// words), Form, [type]; a trailing ? means that null is possible. `field*` may be missing. Blank
// lines separate nothing.

#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace stargaze::serve {

// JSON Schema of one type; kInvalidInput with the type when it is none of the language.
Result<boost::json::object> TypeSchema(std::string_view type);

// Adds each form of `text` under its name; kInvalidInput names the line.
Status AddSchemas(std::string_view text, boost::json::object& schemas);

}  // namespace stargaze::serve
