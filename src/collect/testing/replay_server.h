// A loopback server that answers with recorded exchanges, one after the other.

#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collect/testing/recording.h"
#include "net/http_server.h"

namespace stargaze::collect::testing {

// Answers as it was recorded: status, headers, body, compressed and in chunks where the recorded
// answer was. Only the source's origin in Link and Location becomes this server's. A request for
// another target than the next recorded one is answered with 400.
class ReplayServer {
 public:
  ReplayServer();
  ~ReplayServer();
  ReplayServer(const ReplayServer&) = delete;
  ReplayServer& operator=(const ReplayServer&) = delete;

  // "http://127.0.0.1:40123"
  std::string origin() const;
  // What is answered next; whatever was left of the script before is dropped.
  void Play(std::vector<RecordedExchange> exchanges);
  // Since Play, unexpected requests included.
  std::vector<net::ServerRequest> received() const;

 private:
  net::ServerResponse Answer(const net::ServerRequest& request);

  mutable std::mutex mutex_;
  std::vector<RecordedExchange> script_;
  std::size_t next_ = 0;
  std::vector<net::ServerRequest> received_;
  std::unique_ptr<net::HttpServer> server_;  // Last: its threads use what stands above.
};

}  // namespace stargaze::collect::testing
