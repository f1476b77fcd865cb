#include "sandbox/paced_body.h"

#include <algorithm>
#include <utility>

namespace stargaze::sandbox {
namespace {

using Then = BodyPiece::Then;

BodyWriter CutAfter(std::string part) {
  return [part = std::move(part), sent = false]() mutable {
    const bool ends = std::exchange(sent, true) || part.empty();
    return ends ? BodyPiece{.then = Then::kCut} : BodyPiece{.bytes = part, .then = Then::kMore};
  };
}

BodyWriter InPieces(std::string body, std::size_t pieces) {
  return [body = std::move(body), pieces, sent = std::size_t{0}]() mutable {
    const std::size_t bytes = std::max<std::size_t>(1, body.size() / pieces);
    BodyPiece piece{.bytes = body.substr(sent, bytes)};
    sent = std::min(body.size(), sent + bytes);
    piece.then = sent < body.size() ? Then::kMore : Then::kEnd;
    return piece;
  };
}

BodyWriter Endlessly(std::string body) {
  constexpr int64_t kBytesMax = int64_t{1} << 30;  // Nobody should take so much; if so, it ends.
  constexpr std::size_t kBlock = 64 << 10;
  return [body = std::move(body), left = kBytesMax]() mutable {
    std::string bytes = body.empty() ? std::string(kBlock, ' ') : std::exchange(body, "");
    left -= static_cast<int64_t>(bytes.size());
    return BodyPiece{.bytes = std::move(bytes), .then = left > 0 ? Then::kMore : Then::kEnd};
  };
}

}  // namespace

bool IsAboutPace(FaultKind kind) {
  return kind == FaultKind::kCut || kind == FaultKind::kNoBody || kind == FaultKind::kSlowBody ||
         kind == FaultKind::kEndlessBody;
}

PacedResponse Paced(FaultKind kind, net::HttpResponse response) {
  constexpr std::size_t kSlowPieces = 120;  // A piece a second: two minutes.
  PacedResponse paced{.response = std::move(response)};
  std::string& body = paced.response.body;
  if (kind == FaultKind::kSlowBody) {
    paced.interval = std::chrono::seconds(1);
    paced.writer = InPieces(body, kSlowPieces);
    return paced;
  }
  std::string half = kind == FaultKind::kNoBody ? "" : body.substr(0, body.size() / 2);
  paced.writer =
      kind == FaultKind::kEndlessBody ? Endlessly(std::exchange(body, "")) : CutAfter(half);
  body = std::move(half);
  return paced;
}

}  // namespace stargaze::sandbox
