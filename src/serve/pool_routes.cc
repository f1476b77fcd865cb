#include <fmt/core.h>

#include <algorithm>

#include "serve/problem.h"
#include "serve/routes.h"
#include "serve/scheduler_json.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using net::HttpResponse;
using net::ServerRequest;
using orchestrate::PoolView;

constexpr const char* kSchemas = R"(
Pool: how many tasks that share a limit may run
  pool string
  slots integer
  open integer  Slots that are free.
  running integer
  queued integer
  scheduled integer  Instances that wait for a slot.
  deferred integer  Instances that wait for their next try.
  description string

PoolList
  pools [Pool]

PoolWish
  slots integer
  description* string
)";

constexpr int64_t kMostSlots = 1'000'000;
const Parameter kPool{"pool", "string", "The pool's name.", "api_pool"};

Result<HttpResponse> One(orchestrate::Scheduler& scheduler, const std::string& name) {
  SG_TRY(const std::vector<PoolView> pools, scheduler.Pools());
  const auto found = std::ranges::find(pools, name, &PoolView::name);
  if (found == pools.end())
    return Error(ErrorKind::kNotFound, "no pool is called '" + name.substr(0, 100) + "'");
  return JsonResponse(json::serialize(ToJson(*found)));
}

Result<HttpResponse> List(orchestrate::Scheduler& scheduler) {
  SG_TRY(const std::vector<PoolView> pools, scheduler.Pools());
  json::array list;
  for (const PoolView& pool : pools) list.push_back(ToJson(pool));
  return JsonResponse(json::serialize(json::object{{"pools", std::move(list)}}));
}

Result<HttpResponse> Set(orchestrate::Scheduler& scheduler,
                         const ServerRequest& request,
                         const std::string& name) {
  SG_TRY(const BodyFields body, BodyFields::Read(request));
  orchestrate::PoolSetting setting{.name = name};
  SG_TRY(const int64_t slots, body.Number("slots", -1, 0, kMostSlots));
  if (slots < 0) return Error(ErrorKind::kInvalidInput, "'slots' is missing");
  setting.slots = static_cast<int>(slots);
  SG_TRY(setting.description, body.Text("description"));
  SG_RETURN_IF_ERROR(scheduler.SetPool(setting, ActionOf(request, "")));
  return One(scheduler, name);
}

}  // namespace

void AddPoolRoutes(Router& router, orchestrate::Scheduler& scheduler) {
  router.AddSchemas(kSchemas);
  const auto add = [&](Route route, auto handler) {
    route.tag = "Pools";
    router.Add(std::move(route), std::move(handler));
  };
  add({.method = "GET",
       .pattern = "/api/v1/pools",
       .summary = "The pools, and what runs and waits in them.",
       .answer = "PoolList"},
      [&scheduler](const ServerRequest&, const PathParameters&) { return List(scheduler); });
  add({.method = "GET",
       .pattern = "/api/v1/pools/{pool}",
       .summary = "One pool.",
       .path = {kPool},
       .answer = "Pool"},
      [&scheduler](const ServerRequest&, const PathParameters& p) {
        return One(scheduler, p.at("pool"));
      });
  add({.method = "PUT",
       .pattern = "/api/v1/pools/{pool}",
       .summary = "Make a pool, or change its slots; 0 holds everything back.",
       .path = {kPool},
       .body = "PoolWish",
       .answer = "Pool",
       .role = Role::kAdmin},
      [&scheduler](const ServerRequest& r, const PathParameters& p) {
        return Set(scheduler, r, p.at("pool"));
      });
  add({.method = "DELETE",
       .pattern = "/api/v1/pools/{pool}",
       .summary = "Delete a pool that no task names.",
       .path = {kPool},
       .role = Role::kAdmin},
      [&scheduler](const ServerRequest& r, const PathParameters& p) -> Result<HttpResponse> {
        SG_RETURN_IF_ERROR(scheduler.DeletePool(p.at("pool"), ActionOf(r, "")));
        return HttpResponse{.status = 204};
      });
}

}  // namespace stargaze::serve
