// A release as GitHub's REST API writes it.

#pragma once

#include <string>
#include <string_view>

#include "sandbox/content_tag.h"
#include "sandbox/releases.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

// `api_url` is what every "url" begins with: "http://127.0.0.1:8080".
void AppendRelease(std::string& out,
                   const Release& release,
                   const RepositoryName& repository,
                   std::string_view api_url);

// What the text above is made from, without the address.
void AddRelease(ContentTag& tag, const Release& release);

}  // namespace stargaze::sandbox
