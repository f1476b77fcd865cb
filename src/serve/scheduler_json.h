// What the scheduler knows, as the API says it; and what a change's body says to it.

#pragma once

#include <optional>
#include <string>

#include <boost/json.hpp>

#include "base/result.h"
#include "net/http_server.h"
#include "orchestrate/scheduler.h"

namespace stargaze::serve {

boost::json::object ToJson(const orchestrate::RunView& run);
boost::json::object ToJson(const orchestrate::TaskView& task);
boost::json::object ToJson(const orchestrate::InstanceView& instance);
boost::json::object ToJson(const orchestrate::TryView& one);
boost::json::object ToJson(const orchestrate::PoolView& pool);
boost::json::object ToJson(const orchestrate::Affected& affected);
boost::json::object ToJson(const orchestrate::BackfillView& backfill);
boost::json::object ToJson(const orchestrate::HealthView& health);
boost::json::object ToJson(const orchestrate::AuditEntry& entry);
boost::json::value ToJson(const std::optional<Instant>& instant);

// The fields of a JSON body, each of its type or absent; an empty body has none.
class BodyFields {
 public:
  static Result<BodyFields> Read(const net::ServerRequest& request);

  Result<std::string> Text(const char* name) const;  // Empty: absent.
  Result<bool> Flag(const char* name) const;
  Result<int64_t> Number(const char* name, int64_t otherwise, int64_t least, int64_t most) const;
  Result<std::vector<std::string>> Texts(const char* name) const;
  Result<std::optional<Instant>> Date(const char* name) const;  // An instant, or a day's first.

 private:
  explicit BodyFields(boost::json::object fields) : fields_(std::move(fields)) {}
  const boost::json::value* Find(const char* name) const;

  boost::json::object fields_;
};

// Who asks, as the audit keeps it.
orchestrate::ManualAction ActionOf(const net::ServerRequest& request, std::string reason);

Result<std::optional<Instant>> DateParam(const net::ServerRequest& request, const char* name);
Result<int64_t> NumberParam(const net::ServerRequest& request,
                            const char* name,
                            int64_t otherwise,
                            int64_t least,
                            int64_t most);
// A whole number of the path.
Result<int64_t> NumberOf(const std::string& text, const char* what);

}  // namespace stargaze::serve
