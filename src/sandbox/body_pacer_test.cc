// What a client of the sandbox's server gets of bodies that are cut, slow or endless, over a real
// connection.

#include "sandbox/body_pacer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/virtual_clock.h"
#include "sandbox/generated_world.h"
#include "sandbox/github_api.h"

namespace stargaze::sandbox {
namespace {

using std::chrono::milliseconds;

class PacedServer : public ::testing::Test {
 protected:
  void SetUp() override {
    world_ = GeneratedWorld::Create({.repositories = 10}).value();
    target_ = "/repositories/" + std::to_string(world_->Ids()[0]);
    api_ = std::make_unique<GitHubApi>(*world_, clock_, WithoutLimits());
    server_ =
        net::HttpServer::Start({}, [this](const net::ServerRequest& request) {
          return pacer_.Serve(request.path == "/gradual" ? Gradual() : api_->Exchange(request));
        }).value();
    client_ = net::CurlTransport::Create("test").value();
  }

  static PacedResponse Gradual() {
    return {.response = {.status = 200, .body = "three pieces"},
            .writer =
                [count = 0]() mutable {
                  ++count;
                  return BodyPiece{
                      .bytes = std::to_string(count) + ";",
                      .then = count == 3 ? BodyPiece::Then::kEnd : BodyPiece::Then::kMore};
                },
            .interval = milliseconds(20)};
  }

  Result<net::HttpResponse> Get(const std::string& target,
                                int timeout_ms = 20'000,
                                const std::stop_token& stop = {}) const {
    const net::HttpRequest request{
        .url = "http://127.0.0.1:" + std::to_string(server_->port()) + target,
        .total_timeout = milliseconds(timeout_ms),
        .body_bytes_max = 1'000'000};
    return client_->Send(request, stop);
  }

  Result<net::HttpResponse> GetWith(FaultKind kind, int timeout_ms = 20'000) const {
    api_->Order({.kind = kind, .target = target_});
    return Get(target_, timeout_ms);
  }

  VirtualClock clock_{Instant(Day(std::chrono::year(2026) / 3 / 1))};
  std::unique_ptr<GeneratedWorld> world_;
  std::string target_;
  std::unique_ptr<GitHubApi> api_;
  BodyPacer pacer_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::CurlTransport> client_;
};

TEST_F(PacedServer, WhatDoesNotComeWholeIsAnErrorOfItsKind) {
  EXPECT_EQ(GetWith(FaultKind::kCut).error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(GetWith(FaultKind::kNoBody).error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(GetWith(FaultKind::kEndlessBody).error().kind(), ErrorKind::kExhausted);
  EXPECT_EQ(GetWith(FaultKind::kSlowBody, 500).error().kind(), ErrorKind::kTimeout);
  EXPECT_EQ(Get(target_).value().status, 200);
}

TEST_F(PacedServer, ASlowBodyComesWholeToWhoWaits) {
  EXPECT_EQ(Get("/gradual").value().body, "1;2;3;");
}

TEST_F(PacedServer, SlowBodiesHoldNoneOfTheServersThreads) {
  constexpr int kSlow = 12;  // More than the server has handlers.
  const auto deadline = SystemClock().Now() + std::chrono::seconds(20);
  std::vector<std::jthread> slow;
  api_->Order({.kind = FaultKind::kSlowBody, .target = target_, .times = kSlow});
  for (int i = 0; i < kSlow; ++i)
    slow.emplace_back(
        [this](const std::stop_token& stop) { EXPECT_FALSE(Get(target_, 60'000, stop).ok()); });
  while (api_->counters().core_requests < kSlow && SystemClock().Now() < deadline) {
    ASSERT_TRUE(SystemClock().SleepUntil(SystemClock().Now() + milliseconds(5), {}).ok());
  }
  EXPECT_EQ(Get(target_).value().status, 200);
}

TEST_F(PacedServer, TheDateIsTheWorldsAndStandsOnce) {
  const net::HttpResponse response = Get(target_).value();
  int dates = 0;
  for (const auto& [name, value] : response.headers.all()) dates += name == "date" ? 1 : 0;
  EXPECT_EQ(dates, 1);
  EXPECT_EQ(response.headers.Find("date"), "Sun, 01 Mar 2026 00:00:00 GMT");
}

}  // namespace
}  // namespace stargaze::sandbox
