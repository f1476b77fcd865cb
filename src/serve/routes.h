// The API's table of routes, a file per group. A new group: a file <group>_routes.cc, its function
// here, its line in api.cc.

#pragma once

#include "serve/registry_api.h"
#include "serve/router.h"
#include "serve/state_api.h"
#include "serve/tables_api.h"
#include "serve/trends_page.h"

namespace stargaze::serve {

void AddTrendsRoutes(Router& router, TrendsPage& trends);
void AddTableRoutes(Router& router, TablesApi& tables);
void AddRegistryRoutes(Router& router, RegistryApi& registry);
void AddStateRoutes(Router& router, StateApi& state);
// With a scheduler only.
void AddDagRoutes(Router& router, const SchedulingParts& parts, const Clock& clock);
void AddRunRoutes(Router& router, const SchedulingParts& parts);
void AddPoolRoutes(Router& router, orchestrate::Scheduler& scheduler);

}  // namespace stargaze::serve
