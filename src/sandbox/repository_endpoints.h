// What the API says about one repository: itself, its star history, its releases.

#pragma once

#include <string_view>

#include "sandbox/github_endpoints.h"

namespace stargaze::sandbox {

// The path begins with kByNamePath or kByIdPath; behind the repository may come
// "/stargazers/history" or "/releases". 301 for a former name; 403, 404, 410 and 451 for what is
// not public; 404 for anything else.
Answer AnswerAboutRepository(World& world, const Call& call);

}  // namespace stargaze::sandbox
