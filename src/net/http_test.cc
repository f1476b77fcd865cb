#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "net/http_client.h"
#include "net/http_server.h"

namespace stargaze::net {
namespace {

// Three parts of 100,000 bytes, each asked for once the one before is on its way.
ServerResponse Streamed(bool breaks_off) {
  ServerResponse response(HttpResponse{.status = 200});
  response.source = [part = 0, breaks_off](std::string& chunk) mutable -> Result<bool> {
    if (breaks_off && part == 2) return Error(ErrorKind::kCorrupt, "as a source may");
    chunk.append(100'000, static_cast<char>('a' + part));
    return ++part < 3;
  };
  return response;
}

ServerResponse Pushed() {
  ServerResponse response(HttpResponse{.status = 200});
  response.push = std::make_shared<PushStream>();
  response.push->Push("first ");
  response.push->Push("second");
  response.push->Close();
  return response;
}

void WaitForStop(const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

// Answers by path: what each test needs.
ServerResponse Echo(const ServerRequest& request) {
  HttpResponse response{.status = 200};
  if (request.path == "/stream") return Streamed(false);
  if (request.path == "/broken") return Streamed(true);
  if (request.path == "/push") return Pushed();
  if (request.path == "/wait") WaitForStop(request.stop);
  if (request.path == "/split") response.headers.Add("x-split", "a\r\nset-cookie: stolen");
  response.headers.Add("content-type", "text/plain");
  if (request.path == "/large") response.body = std::string(5'000'000, 'x');
  if (request.path == "/throw") throw std::runtime_error("as a handler must not");
  if (request.path == "/echo")
    response.body = request.method + " " + request.path + " " + request.Param("a").value_or("-") +
                    " " + request.body;
  if (request.path == "/local") response.body = request.local_socket ? "local" : "tcp";
  if (request.path == "/nothing") response.status = 204;
  if (request.path.starts_with("/path/")) response.body = request.path;
  return response;
}

class HttpTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options{.unix_socket = socket_path_,
                          .header_bytes_max = 4096,
                          .body_bytes_max = 10'000,
                          .idle_seconds_max = 2,
                          .header_seconds_max = 1,
                          .handling_seconds_max = 2,
                          .stop_seconds_max = 2};
    auto server = HttpServer::Start(options, &Echo);
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(server).value();
    client_ = CurlTransport::Create("test").value();
  }

  HttpRequest Get(const std::string& path) const {
    return {.url = "http://127.0.0.1:" + std::to_string(server_->port()) + path};
  }

  // Sends bytes as they are and gives what comes back until the server closes.
  std::string Raw(const std::string& bytes) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
    ::close(socket);
    return answer;
  }

  std::string socket_path_ = testing::TempDir() + "/http_test.sock";
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<CurlTransport> client_;
};

TEST_F(HttpTest, ExchangesRequestAndResponse) {
  HttpRequest request = Get("/echo?a=x%20y");
  request.method = "POST";
  request.body = "body";
  const auto response = client_->Send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().status, 200);
  EXPECT_EQ(response.value().body, "POST /echo x y body");
  EXPECT_EQ(response.value().headers.Find("Content-Type"), "text/plain");
}

TEST_F(HttpTest, CarriesLargeBodiesAndRespectsTheCap) {
  EXPECT_EQ(client_->Send(Get("/large"), {}).value().body.size(), 5'000'000U);
  HttpRequest capped = Get("/large");
  capped.body_bytes_max = 1000;
  EXPECT_EQ(client_->Send(capped, {}).error().kind(), ErrorKind::kExhausted);
}

TEST_F(HttpTest, AnswersOverTheUnixSocketAndSaysSo) {
  HttpRequest request = Get("/local");
  EXPECT_EQ(client_->Send(request, {}).value().body, "tcp");
  request.unix_socket = socket_path_;
  EXPECT_EQ(client_->Send(request, {}).value().body, "local");
}

TEST_F(HttpTest, TurnsAThrowingHandlerIntoA500) {
  EXPECT_EQ(client_->Send(Get("/throw"), {}).value().status, 500);
}

TEST_F(HttpTest, SendsNoBodyWhereThereIsNone) {
  HttpRequest head = Get("/large");
  head.method = "HEAD";
  const HttpResponse response = client_->Send(head, {}).value();
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers.Find("content-length"), "5000000");
  EXPECT_EQ(client_->Send(Get("/nothing"), {}).value().status, 204);
}

TEST_F(HttpTest, DecodesPathsBeforeTheHandlerSeesThem) {
  EXPECT_NE(
      Raw("GET /path/%2e%2e/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").find("/path/../x"),
      std::string::npos);
  EXPECT_TRUE(Raw("GET /path/%00 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
}

TEST_F(HttpTest, RefusesWhatIsMalformedOrTooLarge) {
  EXPECT_TRUE(Raw("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(
      Raw("GET /%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 400"))
      << "no host";
  EXPECT_TRUE(Raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Raw("GET /" + std::string(8000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n")
                  .starts_with("HTTP/1.1 414"));
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200; ++i) many += "a: b\r\n";
  EXPECT_TRUE(Raw(many + "\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(Raw("GET / HTTP/1.1\r\nX: " + std::string(8000, 'x') + "\r\n\r\n")
                  .starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(Raw("POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(
      Raw("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
          .starts_with("HTTP/1.1 400"));
}

TEST_F(HttpTest, DropsAClientThatIsTooSlow) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(Raw("GET / HTTP/1.1\r\n").starts_with("HTTP/1.1 408"));
  EXPECT_EQ(Raw(""), "") << "an idle connection is closed without a word";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(HttpTest, StreamsBodiesAndCutsOffWhatBreaks) {
  const HttpResponse whole = client_->Send(Get("/stream"), {}).value();
  EXPECT_EQ(whole.body,
            std::string(100'000, 'a') + std::string(100'000, 'b') + std::string(100'000, 'c'));
  EXPECT_EQ(client_->Send(Get("/broken"), {}).error().kind(), ErrorKind::kUnavailable);
  const std::string old = Raw("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.find("chunked"), std::string::npos);
  EXPECT_TRUE(old.ends_with("ccc"));
}

TEST_F(HttpTest, PushesWhatItsWriterSays) {
  EXPECT_EQ(client_->Send(Get("/push"), {}).value().body, "first second");
}

TEST_F(HttpTest, EndsAHandlerThatTakesTooLong) {
  EXPECT_EQ(client_->Send(Get("/wait"), {}).value().status, 504);
}

TEST_F(HttpTest, StopsInTimeWhateverRuns) {
  const std::string url = Get("/wait").url;
  std::jthread waiting([&] { (void)client_->Send({.url = url}, {}); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(HttpTest, NeverEndsAHeaderLineEarly) {
  EXPECT_EQ(Raw("GET /split HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").find("stolen"),
            std::string::npos);
}

TEST_F(HttpTest, AnswersPipelinedRequestsInOrder) {
  const std::string answers =
      Raw("GET /path/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /path/2 HTTP/1.1\r\nHost: h\r\nConnection: "
          "close\r\n\r\n");
  EXPECT_LT(answers.find("/path/1"), answers.find("/path/2"));
  EXPECT_NE(answers.find("/path/2"), std::string::npos);
}

TEST_F(HttpTest, ServesManyAtOnce) {
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i) {
      threads.emplace_back([&] { good += client_->Send(Get("/echo"), {}).ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 50);
}

TEST_F(HttpTest, NamesThePortThatIsTaken) {
  const auto second = HttpServer::Start({.port = server_->port()}, &Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kConflict);
  EXPECT_NE(second.error().message().find(std::to_string(server_->port())), std::string::npos);
  EXPECT_NE(second.error().remedy().find("--listen"), std::string::npos);
}

TEST_F(HttpTest, ListensOnLoopbackOnly) {
  EXPECT_EQ(HttpServer::Start({.address = "0.0.0.0"}, &Echo).error().kind(),
            ErrorKind::kInvalidInput);
}

TEST_F(HttpTest, SaysThatNobodyListens) {
  const std::string url = Get("/").url;
  server_.reset();
  EXPECT_EQ(client_->Send({.url = url}, {}).error().kind(), ErrorKind::kUnavailable);
}

// A peer that sends part of a response and then stalls or closes.
class HalfAnswer {
 public:
  explicit HalfAnswer(bool close_early) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, close_early](const std::stop_token& stop) {
      const int peer = ::accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      const std::string part = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
      EXPECT_GT(::send(peer, part.data(), part.size(), MSG_NOSIGNAL), 0);
      char byte = 0;
      while (!close_early && !stop.stop_requested() && ::recv(peer, &byte, 1, 0) > 0) {
      }
      ::shutdown(peer, SHUT_RDWR);
      ::close(peer);
    });
  }
  ~HalfAnswer() {
    ::shutdown(socket_, SHUT_RDWR);  // Wakes an accept that nobody has come to.
    thread_ = {};
    ::close(socket_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  int socket_ = -1;
  uint16_t port_ = 0;
  std::jthread thread_;
};

TEST_F(HttpTest, TellsACutBodyFromAStalledOne) {
  HalfAnswer cut(true);
  EXPECT_EQ(client_->Send({.url = cut.url()}, {}).error().kind(), ErrorKind::kUnavailable);
  HalfAnswer stalled(false);
  HttpRequest request{.url = stalled.url(), .total_timeout = std::chrono::milliseconds(200)};
  EXPECT_EQ(client_->Send(request, {}).error().kind(), ErrorKind::kTimeout);
}

TEST_F(HttpTest, StopsWhenAsked) {
  HalfAnswer stalled(false);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(client_->Send({.url = stalled.url()}, source.get_token()).error().kind(),
            ErrorKind::kCancelled);
}

}  // namespace
}  // namespace stargaze::net
