#include "net/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "base/steady_time.h"
#include "net/http_server.h"

namespace stargaze::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

// A peer that does with each connection what a test says; the request's header has been read.
class ScriptedPeer {
 public:
  using Script = std::function<void(int peer, const std::string& request, std::stop_token)>;

  explicit ScriptedPeer(Script script) : script_(std::move(script)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
  }
  ~ScriptedPeer() {
    thread_.request_stop();
    ::shutdown(socket_, SHUT_RDWR);  // Wakes the accept.
    thread_.join();
    ::close(socket_);
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

 private:
  void Accept(const std::stop_token& stop) {
    std::vector<std::jthread> talks;
    while (!stop.stop_requested()) {
      const int peer = ::accept(socket_, nullptr, nullptr);
      if (peer < 0) break;
      ++connections_;
      talks.emplace_back([this, peer](const std::stop_token& ended) { Talk(peer, ended); });
    }
  }

  void Talk(int peer, const std::stop_token& stop) {
    const std::stop_callback hang_up(stop, [peer] { ::shutdown(peer, SHUT_RDWR); });
    std::string request;
    char byte = 0;
    while (!request.ends_with("\r\n\r\n") && ::recv(peer, &byte, 1, 0) > 0) request += byte;
    script_(peer, request, stop);
    ::shutdown(peer, SHUT_RDWR);
    ::close(peer);
  }

  Script script_;
  int socket_ = -1;
  uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::jthread thread_;
};

bool Say(int peer, const std::string& text) {
  return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

// Until the client hangs up.
void Listen(int peer) {
  char byte = 0;
  while (::recv(peer, &byte, 1, 0) > 0) {
  }
}

ScriptedPeer::Script Saying(const std::string& text) {
  return [text](int peer, const std::string&, const std::stop_token&) { (void)Say(peer, text); };
}

std::unique_ptr<CurlTransport> Client(HttpClientOptions options = {}) {
  options.user_agent = "test";
  return CurlTransport::Create(std::move(options)).value();
}

milliseconds TimeOf(const std::function<void()>& work) {
  const SteadyTime begin = SteadyNow();
  work();
  return std::chrono::duration_cast<milliseconds>(SteadyNow() - begin);
}

std::string Plain(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Moved(const std::string& target, int status = 301) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + target +
         "\r\nContent-Length: 0\r\n\r\n";
}

// What breaks, and the kind of error that says so.
struct Broken {
  std::string name{};
  std::string answer{};
  ErrorKind kind = ErrorKind::kUnavailable;
};

TEST(HttpClientTest, TellsHowAnAnswerIsBroken) {
  const std::vector<Broken> table{
      {"nothing", ""},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"cut header", "HTTP/1.1 200 OK\r\nContent-Le"},
      {"cut body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"},
      {"cut chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"},
      {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf"},
      {"bad gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf"},
      {"huge header",
       "HTTP/1.1 200 OK\r\n" +
           [] {
             std::string lines;
             for (int i = 0; i < 300; ++i) lines += "x: " + std::string(1000, 'x') + "\r\n";
             return lines;
           }()},
  };
  const auto client = Client();
  for (const Broken& row : table) {
    ScriptedPeer peer(Saying(row.answer));
    const auto response = client->Send({.url = peer.url("/a?token=hidden")}, {});
    ASSERT_FALSE(response.ok()) << row.name;
    EXPECT_EQ(response.error().kind(), row.kind) << row.name << ": " << response.error().message();
    EXPECT_THAT(response.error().message(), HasSubstr("/a")) << row.name;
    EXPECT_THAT(response.error().message(), Not(HasSubstr("hidden"))) << row.name;
  }
}

TEST(HttpClientTest, EndsAnEndlessBodyAtItsCap) {
  ScriptedPeer endless([](int peer, const std::string&, const std::stop_token& stop) {
    const std::string block = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
    bool heard = Say(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (heard && !stop.stop_requested()) heard = Say(peer, block);
  });
  HttpRequest request{.url = endless.url(), .body_bytes_max = 1 << 20};
  EXPECT_EQ(Client()->Send(request, {}).error().kind(), ErrorKind::kExhausted);
}

TEST(HttpClientTest, CountsTheCapAfterDecompression) {
  // A gzip member whose one fixed-Huffman block is a literal 'a' and 1,000 matches of 258 bytes at
  // distance 1: 258,001 bytes out of about 1.6 kB.
  std::string bits;
  const auto lsb = [&](unsigned value, int count) {
    for (int i = 0; i < count; ++i) bits += ((value >> i) & 1U) != 0 ? '1' : '0';
  };
  const auto msb = [&](unsigned value, int count) {
    for (int i = count - 1; i >= 0; --i) bits += ((value >> i) & 1U) != 0 ? '1' : '0';
  };
  lsb(1, 1);
  lsb(1, 2);
  msb(0x30 + 'a', 8);
  for (int i = 0; i < 1000; ++i) {
    msb(0xC0 + 285 - 280, 8);
    msb(0, 5);
  }
  msb(0, 7);
  std::string member("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  for (std::size_t at = 0; at < bits.size(); at += 8) {
    unsigned byte = 0;
    for (std::size_t i = 0; i < 8 && at + i < bits.size(); ++i)
      byte |= (bits[at + i] == '1' ? 1U : 0U) << i;
    member += static_cast<char>(byte);
  }
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
  ScriptedPeer peer(Saying(head + member));
  HttpRequest request{.url = peer.url(), .body_bytes_max = 100'000};
  EXPECT_EQ(Client()->Send(request, {}).error().kind(), ErrorKind::kExhausted);
}

TEST(HttpClientTest, KeepsEachDeadline) {
  ScriptedPeer silent([](int peer, const std::string&, const std::stop_token&) { Listen(peer); });
  ScriptedPeer stalled([](int peer, const std::string&, const std::stop_token&) {
    (void)Say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    Listen(peer);
  });
  const auto client = Client();
  const milliseconds waited = TimeOf([&] {
    const auto late =
        client->Send({.url = silent.url(), .first_byte_timeout = milliseconds(150)}, {});
    EXPECT_EQ(late.error().kind(), ErrorKind::kTimeout);
    EXPECT_THAT(late.error().message(), HasSubstr("no answer began within 150 ms"));
    const auto half = client->Send({.url = stalled.url(),
                                    .first_byte_timeout = milliseconds(100),
                                    .total_timeout = milliseconds(300)},
                                   {});
    EXPECT_EQ(half.error().kind(), ErrorKind::kTimeout);
  });
  EXPECT_LT(waited, milliseconds(5000));
}

TEST(HttpClientTest, StopsAtOnceWhenAsked) {
  ScriptedPeer silent([](int peer, const std::string&, const std::stop_token&) { Listen(peer); });
  const auto client = Client();
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(100));
    source.request_stop();
  });
  const milliseconds waited = TimeOf([&] {
    EXPECT_EQ(client->Send({.url = silent.url()}, source.get_token()).error().kind(),
              ErrorKind::kCancelled);
  });
  EXPECT_LT(waited, milliseconds(2000));
}

TEST(HttpClientTest, BoundsWhatRunsAndWhatWaits) {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  ScriptedPeer slow([&](int peer, const std::string&, const std::stop_token&) {
    const int running = ++now;
    for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
    }
    std::this_thread::sleep_for(milliseconds(200));
    --now;
    (void)Say(peer, Plain("x"));
  });
  const auto client = Client({.exchanges_per_host_max = 2, .waiting_max = 2});
  std::atomic<int> good = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 8; ++i) {
      senders.emplace_back([&] {
        const auto response = client->Send({.url = slow.url()}, {});
        ++(response.ok() ? good : refused);
        EXPECT_TRUE(response.ok() || response.error().kind() == ErrorKind::kExhausted);
      });
    }
  }
  EXPECT_LE(most, 2);
  EXPECT_EQ(good + refused, 8);
  EXPECT_GE(good, 4);
  EXPECT_GE(refused, 1);
}

TEST(HttpClientTest, WaitingForASlotEndsWithTheDeadline) {
  ScriptedPeer silent([](int peer, const std::string&, const std::stop_token&) { Listen(peer); });
  const auto client = Client({.exchanges_per_host_max = 1});
  std::jthread first(
      [&] { (void)client->Send({.url = silent.url(), .total_timeout = milliseconds(600)}, {}); });
  while (silent.connections() == 0) std::this_thread::yield();
  const auto second = client->Send({.url = silent.url(), .total_timeout = milliseconds(100)}, {});
  EXPECT_EQ(second.error().kind(), ErrorKind::kTimeout);
  EXPECT_EQ(silent.connections(), 1);
}

TEST(HttpClientTest, FollowsARenamedRepositoryAndRecordsIt) {
  ScriptedPeer peer([](int socket, const std::string& request, const std::stop_token&) {
    const bool old_name = request.starts_with("GET /repos/old/name ");
    EXPECT_THAT(request, HasSubstr("authorization: Bearer t0ken"));
    (void)Say(socket, old_name ? Moved("/repositories/7") : Plain("{}"));
  });
  HttpRequest request{.url = peer.url("/repos/old/name")};
  request.headers.Add("Authorization", "Bearer t0ken");
  std::string asked;
  request.on_redirect = [&](const HttpResponse& redirect, const std::string& target) {
    asked = std::to_string(redirect.status) + " " + target;
    return Ok();
  };
  const auto response = Client()->Send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().status, 200);
  EXPECT_EQ(response.value().url, peer.url("/repositories/7"));
  EXPECT_EQ(asked, "301 " + peer.url("/repositories/7"));
  ASSERT_EQ(response.value().redirects.size(), 1U);
  EXPECT_EQ(response.value().redirects[0].status, 301);
  EXPECT_EQ(response.value().redirects[0].url, peer.url("/repos/old/name"));
}

TEST(HttpClientTest, SendsNoCredentialToAnotherOrigin) {
  std::mutex mutex;
  std::string seen;
  ScriptedPeer other([&](int socket, const std::string& request, const std::stop_token&) {
    {
      const std::lock_guard lock(mutex);
      seen = request;
    }
    (void)Say(socket, Plain("taken"));
  });
  ScriptedPeer home(Saying(Moved(other.url("/elsewhere"), 302)));
  HttpRequest request{.url = home.url()};
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "Private-Token", "X-New-Secret"})
    request.headers.Add(name, "s3cret");
  request.headers.Add("Accept", "application/json");
  const auto response = Client()->Send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().body, "taken");
  EXPECT_THAT(seen, HasSubstr("application/json"));
  EXPECT_THAT(seen, Not(HasSubstr("s3cret")));
}

TEST(HttpClientTest, BoundsAndRefusesRedirects) {
  ScriptedPeer loop(Saying(Moved("/again")));
  const auto client = Client();
  const auto endless = client->Send({.url = loop.url()}, {});
  EXPECT_EQ(endless.error().kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(endless.error().message(), HasSubstr("more than 5 redirects"));
  EXPECT_EQ(loop.connections(), 6);

  HttpRequest post{.method = "POST", .url = loop.url(), .body = "x"};
  EXPECT_EQ(client->Send(post, {}).value().status, 301);
  EXPECT_EQ(client->Send({.url = loop.url(), .redirects_max = 0}, {}).value().status, 301);

  HttpRequest refusing{.url = loop.url()};
  refusing.on_redirect = [](const HttpResponse&, const std::string&) -> Status {
    return Error(ErrorKind::kRateLimited, "not granted");
  };
  EXPECT_EQ(client->Send(refusing, {}).error().kind(), ErrorKind::kRateLimited);

  for (const char* target :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "http://user:x@127.0.0.1/"}) {
    ScriptedPeer astray(Saying(Moved(target)));
    const auto response = client->Send({.url = astray.url()}, {});
    EXPECT_EQ(response.error().kind(), ErrorKind::kCorrupt) << target;
  }
}

TEST(HttpClientTest, RefusesWhatCannotBeSent) {
  const auto client = Client();
  HttpRequest injected{.url = "http://127.0.0.1:1/"};
  injected.headers.Add("x", "a\r\nauthorization: s3cret");
  const auto response = client->Send(injected, {});
  EXPECT_EQ(response.error().kind(), ErrorKind::kInvalidInput);
  EXPECT_THAT(response.error().message(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(client->Send({.url = "ftp://127.0.0.1/"}, {}).error().kind(), ErrorKind::kInvalidInput);
}

TEST(HttpClientTest, ReusesItsConnection) {
  auto server =
      HttpServer::Start({}, [](const ServerRequest&) { return HttpResponse{.status = 200}; });
  const std::string url = "http://127.0.0.1:" + std::to_string(server.value()->port()) + "/";
  // The first connection costs a round trip, so that a hundred of them would open a hundred ports;
  // that there is one shows in the server refusing a second.
  auto narrow = HttpServer::Start({.connections_max = 1},
                                  [](const ServerRequest&) { return HttpResponse{.status = 200}; });
  const std::string one = "http://127.0.0.1:" + std::to_string(narrow.value()->port()) + "/";
  const auto client = Client();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client->Send({.url = one}, {}).value().status, 200);
    EXPECT_EQ(client->Send({.url = url}, {}).value().http_version, "1.1");
  }
}

TEST(HttpClientTest, AsksThroughTheProxyThatItWasGivenAndNoOther) {
  std::mutex mutex;
  std::string seen;
  ScriptedPeer proxy([&](int socket, const std::string& request, const std::stop_token&) {
    {
      const std::lock_guard lock(mutex);
      seen = request;
    }
    (void)Say(socket, Plain("by proxy"));
  });
  const ProxySettings settings = ProxyFrom({{"http_proxy", proxy.url()},
                                            {"HTTP_PROXY", "http://127.0.0.1:1/"},
                                            {"NO_PROXY", "direct.example"}});
  EXPECT_EQ(settings.exceptions, "direct.example");
  EXPECT_EQ(settings.https, "");
  const auto response = Client({.proxy = settings})->Send({.url = "http://far.example/a"}, {});
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().body, "by proxy");
  EXPECT_THAT(seen, testing::StartsWith("GET http://far.example/a HTTP/1.1"));
}

}  // namespace
}  // namespace stargaze::net
