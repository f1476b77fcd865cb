// A UDP socket on the loopback interface that takes what is sent to it.

#pragma once

#include <string>

namespace stargaze::metrics::testing {

class UdpListener {
 public:
  UdpListener();  // On a free port.
  ~UdpListener();
  UdpListener(const UdpListener&) = delete;
  UdpListener& operator=(const UdpListener&) = delete;

  int port() const { return port_; }
  // The next datagram; empty when none comes within 5 s.
  std::string Receive();

 private:
  int socket_ = -1;
  int port_ = 0;
};

}  // namespace stargaze::metrics::testing
