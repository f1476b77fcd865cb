// HTTP/2 over TLS against nghttpd, with an authority made for the occasion.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "base/steady_time.h"
#include "net/http_client.h"

namespace stargaze::net {
namespace {

using std::chrono::milliseconds;

constexpr int kPort = 28443;
constexpr std::size_t kFileBytes = 1'000'000;

class Http2Test : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v nghttpd >/dev/null && command -v openssl >/dev/null") != 0)
      GTEST_SKIP() << "SKIP: nghttpd (package nghttp2-server) or openssl is missing";
    folder_ = testing::TempDir() + "/http2_test." + std::to_string(::getpid());
    std::filesystem::create_directories(folder_ + "/root");
    std::ofstream(folder_ + "/root/page") << std::string(kFileBytes, 'x');
    const std::string make =
        "cd " + folder_ +
        " && openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2"
        " -subj '/CN=test authority' -addext basicConstraints=critical,CA:TRUE 2>/dev/null"
        " && openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem"
        " -subj /CN=localhost 2>/dev/null"
        " && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names"
        " && openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial"
        " -out cert.pem -days 2 -extfile names 2>/dev/null";
    ASSERT_EQ(std::system(make.c_str()), 0);
    Start();
  }

  void TearDown() override {
    if (server_ > 0) {
      ::kill(server_, SIGTERM);
      ::waitpid(server_, nullptr, 0);
    }
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void Start() {
    std::vector<std::string> words{"nghttpd",
                                   "-v",
                                   "--address=127.0.0.1",
                                   "-d",
                                   folder_ + "/root",
                                   std::to_string(kPort),
                                   folder_ + "/key.pem",
                                   folder_ + "/cert.pem"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(
        &files, STDOUT_FILENO, (folder_ + "/log").c_str(), O_CREAT | O_WRONLY, 0600);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ASSERT_EQ(::posix_spawnp(&server_, "nghttpd", &files, nullptr, arguments.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&files);
    // Until it listens.
    const auto client = CurlTransport::Create("test").value();
    for (int i = 0; i < 100; ++i) {
      const auto answer = client->Send({.url = Url()}, {});
      if (answer.ok() || answer.error().kind() == ErrorKind::kUnauthorized) return;
      std::this_thread::sleep_for(milliseconds(50));
    }
    FAIL() << "nghttpd does not listen";
  }

  static std::string Url() { return "https://localhost:" + std::to_string(kPort) + "/page"; }

  // Connections over which the server has received requests.
  std::set<std::string> Connections() const {
    std::ostringstream log;
    log << std::ifstream(folder_ + "/log").rdbuf();
    const std::string text = log.str();
    const std::regex pattern(R"(\[id=(\d+)\][^\n]*recv[^\n]*HEADERS)");
    std::set<std::string> ids;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
      ids.insert((*it)[1]);
    return ids;
  }

  std::string folder_;
  pid_t server_ = 0;
};

TEST_F(Http2Test, SendsManyRequestsAtOnceOverOneConnection) {
  const auto client =
      CurlTransport::Create({.user_agent = "test", .ca_file = folder_ + "/ca.pem"}).value();
  constexpr int kSenders = 16;
  std::barrier together(kSenders);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.emplace_back([&] {
        together.arrive_and_wait();
        const auto response = client->Send({.url = Url()}, {});
        ASSERT_TRUE(response.ok()) << response.error().message();
        EXPECT_EQ(response.value().http_version, "2");
        good += response.value().body.size() == kFileBytes ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, kSenders);
  EXPECT_EQ(Connections().size(), 1U);
}

TEST_F(Http2Test, RefusesACertificateThatNobodyVouchesFor) {
  const auto client = CurlTransport::Create("test").value();
  const auto response = client->Send({.url = Url()}, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind(), ErrorKind::kUnauthorized) << response.error().message();
  EXPECT_NE(response.error().remedy(), "");
  EXPECT_TRUE(Connections().empty());
}

}  // namespace
}  // namespace stargaze::net
