#include "app/simulated_source.h"

#include <utility>

#include "sandbox/generated_world.h"
#include "sandbox/world.h"

namespace stargaze::app {

Result<std::unique_ptr<SimulatedSource>> SimulatedSource::Start(
    const SimulatedSourceOptions& options, const Clock& clock) {
  sandbox::GitHubApiOptions api;
  if (options.unlimited) api = sandbox::WithoutLimits();
  for (const std::string& fault : options.faults)
    SG_RETURN_IF_ERROR(sandbox::SetFault(api.faults, fault));
  std::unique_ptr<SimulatedSource> source(new SimulatedSource());
  SG_TRY(source->world_, sandbox::OpenWorld(options.world));
  if (auto* generated = dynamic_cast<sandbox::GeneratedWorld*>(source->world_.get()))
    source->books_ = std::make_unique<sandbox::Books>(*generated);
  api.books = source->books_.get();
  source->api_ = std::make_unique<sandbox::GitHubApi>(*source->world_, clock, std::move(api));
  SG_TRY(source->server_,
         net::HttpServer::Start(options.server, [&it = *source](const net::ServerRequest& request) {
           return it.pacer_.Serve(it.api_->Exchange(request));
         }));
  return source;
}

}  // namespace stargaze::app
