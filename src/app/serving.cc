#include "app/serving.h"

namespace stargaze::app {

Status Serve(Session&, Instance&) { return Error(ErrorKind::kUnsupported, "not yet"); }

}  // namespace stargaze::app
