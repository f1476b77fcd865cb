// The keys of one request of a declaration.

#pragma once

#include "config/schema.h"

namespace stargaze::config {

Schema RequestSchema();

}  // namespace stargaze::config
