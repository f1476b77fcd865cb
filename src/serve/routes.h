// The API's table of routes, a file per group. A new group: a file <group>_routes.cc, its function
// here, its line in api.cc.

#pragma once

#include "serve/data_page.h"
#include "serve/feed.h"
#include "serve/registry_api.h"
#include "serve/router.h"
#include "serve/state_api.h"
#include "serve/tables_api.h"
#include "serve/trends_page.h"
#include "serve/widget.h"

namespace stargaze::serve {

// What ParseTrendsState (trends_state.cc) understands; anything else is ignored with a notice.
std::vector<Parameter> TrendsParameters();

void AddTrendsRoutes(Router& router, TrendsPage& trends);
void AddDataRoutes(Router& router, DataPage& data);
void AddShareRoutes(Router& router, Widgets& widgets, Feeds& feeds);
void AddTableRoutes(Router& router, TablesApi& tables);
void AddRegistryRoutes(Router& router, RegistryApi& registry);
void AddStateRoutes(Router& router, StateApi& state);
// With a scheduler only.
void AddDagRoutes(Router& router, const SchedulingParts& parts, const Clock& clock);
void AddRunRoutes(Router& router, const SchedulingParts& parts);
void AddPoolRoutes(Router& router, orchestrate::Scheduler& scheduler);

}  // namespace stargaze::serve
