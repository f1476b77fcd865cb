#include "metrics/statsd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "metrics/testing/udp_listener.h"

namespace stargaze::metrics {
namespace {

using testing::UdpListener;

TEST(Statsd, SendsTheLinesOfItsProtocol) {
  UdpListener server;
  auto statsd = Statsd::Open({.host = "127.0.0.1", .port = server.port()}).value();
  statsd->Count("ti_successes");
  statsd->Count("ti_successes", 2);
  statsd->Gauge("pool.open_slots.default pool", 4);
  statsd->Gauge("below", -1.5);
  statsd->Timing("dag.d.t.duration", 12.5);
  statsd->Flush();
  EXPECT_EQ(server.Receive(),
            "airflow.dag.d.t.duration:12.500|ms\n"
            "airflow.ti_successes:3|c\n"
            "airflow.below:0|g\n"
            "airflow.below:-1.5|g\n"
            "airflow.pool.open_slots.default_pool:4|g");
  statsd->Flush();  // Nothing new, nothing sent.
  statsd->Count("next");
  statsd.reset();  // Sends what is left.
  EXPECT_EQ(server.Receive(), "airflow.next:1|c");
}

TEST(Statsd, FillsDatagramsAndNeverMore) {
  UdpListener server;
  auto statsd = Statsd::Open({.host = "127.0.0.1", .port = server.port(), .prefix = ""}).value();
  const int lines = 500;
  for (int i = 0; i < lines; ++i) statsd->Timing("name." + std::to_string(i), i);
  statsd->Flush();
  int seen = 0;
  int datagrams = 0;
  while (seen < lines) {
    const std::string datagram = server.Receive();
    ASSERT_FALSE(datagram.empty());
    EXPECT_LE(datagram.size(), Statsd::kMostBytes);
    ++datagrams;
    std::size_t at = 0;
    while (at < datagram.size()) {
      const std::size_t end = std::min(datagram.find('\n', at), datagram.size());
      EXPECT_EQ(datagram.substr(at, end - at),
                "name." + std::to_string(seen) + ":" + std::to_string(seen) + ".000|ms");
      ++seen;
      at = end + 1;
    }
  }
  EXPECT_LT(datagrams, 12);  // 500 lines of some 20 bytes in 1,432 each.
}

TEST(Statsd, CutsLongNames) {
  UdpListener server;
  auto statsd = Statsd::Open({.host = "127.0.0.1", .port = server.port()}).value();
  statsd->Count(std::string(400, 'x'));
  statsd->Flush();
  EXPECT_EQ(server.Receive(), "airflow." + std::string(Statsd::kMostName - 8, 'x') + ":1|c");
}

TEST(Statsd, AServerThatIsNotThereCostsNothingButItsMetrics) {
  int port = 0;
  {
    const UdpListener gone;
    port = gone.port();
  }
  auto statsd = Statsd::Open({.host = "127.0.0.1", .port = port}).value();
  for (int i = 0; i < 10; ++i) {
    statsd->Count("x");
    statsd->Flush();
  }
  EXPECT_GT(statsd->lost(), 0);
}

TEST(Statsd, RefusesAnAddressThatIsNone) {
  EXPECT_FALSE(Statsd::Open({.host = "", .port = 8125}).ok());
  EXPECT_FALSE(Statsd::Open({.host = "127.0.0.1", .port = 0}).ok());
  EXPECT_FALSE(Statsd::Open({.host = "127.0.0.1", .port = 65536}).ok());
  const auto unknown = Statsd::Open({.host = "no-such-host.invalid", .port = 8125});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind(), ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace stargaze::metrics
