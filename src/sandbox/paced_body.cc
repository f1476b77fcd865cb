#include "sandbox/paced_body.h"

#include <algorithm>
#include <memory>
#include <string>

namespace stargaze::sandbox {
namespace {

using Then = net::BodyPiece::Then;

net::BodyWriter Half(std::string half, Then then) {
  return [half = std::move(half), then] { return net::BodyPiece{.bytes = half, .then = then}; };
}

net::BodyWriter Slowly(std::string body) {
  constexpr std::size_t kPieces = 120;
  return [body = std::move(body), sent = std::size_t{0}]() mutable {
    const std::size_t bytes = std::max<std::size_t>(1, body.size() / kPieces);
    net::BodyPiece piece{.wait = std::chrono::seconds(1), .bytes = body.substr(sent, bytes)};
    sent = std::min(body.size(), sent + bytes);
    piece.then = sent < body.size() ? Then::kMore : Then::kEnd;
    return piece;
  };
}

net::BodyWriter Endlessly(std::string body) {
  constexpr int64_t kBytesMax = int64_t{1} << 30;  // Nobody should take so much; if so, it ends.
  constexpr std::size_t kBlock = 64 << 10;
  return [body = std::move(body), left = kBytesMax]() mutable {
    std::string bytes = body.empty() ? std::string(kBlock, ' ') : std::exchange(body, "");
    left -= static_cast<int64_t>(bytes.size());
    return net::BodyPiece{.bytes = std::move(bytes), .then = left > 0 ? Then::kMore : Then::kEnd};
  };
}

}  // namespace

bool IsAboutPace(FaultKind kind) {
  return kind == FaultKind::kCut || kind == FaultKind::kReset || kind == FaultKind::kSlowBody ||
         kind == FaultKind::kEndlessBody;
}

net::ServerResponse Paced(FaultKind kind, net::HttpResponse response) {
  net::ServerResponse paced(std::move(response));
  std::string& body = paced.response.body;
  const std::string half = body.substr(0, body.size() / 2);
  paced.announced_bytes = static_cast<int64_t>(body.size());
  if (kind == FaultKind::kSlowBody) {
    paced.body_writer = Slowly(body);
    return paced;
  }
  if (kind == FaultKind::kEndlessBody) {
    paced.announced_bytes = -1;
    paced.body_writer = Endlessly(std::move(body));
  } else {
    paced.body_writer = Half(half, kind == FaultKind::kReset ? Then::kReset : Then::kEnd);
  }
  body = half;
  return paced;
}

}  // namespace stargaze::sandbox
