// Bodies that a server writes bit by bit: whole, slow, endless, cut and reset.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "net/http_client.h"
#include "net/http_server.h"

namespace stargaze::net {
namespace {

using Then = BodyPiece::Then;

ServerResponse Misbehave(const ServerRequest& request) {
  ServerResponse answer(HttpResponse{.status = 200});
  int pieces = 0;
  if (request.path == "/whole") {
    answer.body_writer = [pieces]() mutable {
      return BodyPiece{.bytes = "piece" + std::to_string(++pieces) + ";",
                       .then = pieces == 3 ? Then::kEnd : Then::kMore};
    };
  } else if (request.path == "/slow") {
    answer.body_writer = [] {
      return BodyPiece{.wait = std::chrono::milliseconds(100), .bytes = "x", .then = Then::kMore};
    };
  } else if (request.path == "/endless") {
    answer.body_writer = [] {
      return BodyPiece{.bytes = std::string(100'000, 'x'), .then = Then::kMore};
    };
  } else if (request.path == "/cut") {
    answer.announced_bytes = 100;
    answer.body_writer = [] { return BodyPiece{.bytes = "half", .then = Then::kEnd}; };
  } else if (request.path == "/reset") {
    answer.announced_bytes = 100;
    answer.body_writer = [] { return BodyPiece{.bytes = "half", .then = Then::kReset}; };
  } else {
    answer.response.body = "plain";
  }
  return answer;
}

class BodyWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = HttpServer::Start({}, &Misbehave).value();
    client_ = CurlTransport::Create("test").value();
  }

  Result<HttpResponse> Get(const std::string& path, int timeout_ms = 20'000) const {
    const HttpRequest request{.url = "http://127.0.0.1:" + std::to_string(server_->port()) + path,
                              .total_timeout = std::chrono::milliseconds(timeout_ms),
                              .body_bytes_max = 1'000'000};
    return client_->Send(request, {});
  }

  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<CurlTransport> client_;
};

TEST_F(BodyWriterTest, PiecesMakeOneBodyAndTheNextRequestIsServed) {
  EXPECT_EQ(Get("/whole").value().body, "piece1;piece2;piece3;");
  EXPECT_EQ(Get("/other").value().body, "plain");
}

TEST_F(BodyWriterTest, WhatDoesNotComeWholeIsAnErrorOfItsKind) {
  EXPECT_EQ(Get("/slow", 500).error().kind(), ErrorKind::kTimeout);
  EXPECT_EQ(Get("/endless").error().kind(), ErrorKind::kExhausted);
  EXPECT_EQ(Get("/cut").error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(Get("/reset").error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(Get("/other").value().body, "plain");
}

}  // namespace
}  // namespace stargaze::net
