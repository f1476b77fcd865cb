#include "serve/guard.h"

#include <gtest/gtest.h>

#include "base/virtual_clock.h"

namespace stargaze::serve {
namespace {

class GuardTest : public testing::Test {
 protected:
  Guard Make(GuardOptions options) {
    options.admin_token = "admin-token";
    return {std::move(options), logins_, clock_};
  }
  static net::ServerRequest Request(
      const std::string& method, const std::vector<std::pair<std::string, std::string>>& headers) {
    net::ServerRequest request{.method = method, .path = "/x", .client = "10.0.0.9"};
    for (const auto& [name, value] : headers) request.headers.Add(name, value);
    return request;
  }
  // 0 for yes, else the status of the refusal.
  static int Ask(Guard& guard, const net::ServerRequest& request, Role role) {
    bool is_known = false;
    if (guard.Authorize(request, role, is_known).ok()) return 0;
    return is_known ? 403 : 401;
  }

  VirtualClock clock_{Instant(std::chrono::hours(500'000))};
  Logins logins_{clock_};
};

TEST_F(GuardTest, ServesLocalAndListedNamesOnly) {
  const Guard guard = Make({.host_names = {"stars.example"}});
  for (const char* host :
       {"localhost", "LOCALHOST:8686", "127.0.0.1:1", "[::1]:8686", "stars.example"})
    EXPECT_TRUE(guard.IsServedHost(Request("GET", {{"host", host}}))) << host;
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]"})
    EXPECT_FALSE(guard.IsServedHost(Request("GET", {{"host", host}}))) << host;
}

TEST_F(GuardTest, DecidesByTokenSessionOriginAndProof) {
  Guard guard = Make({});
  const Logins::Opened admin = logins_.Open(logins_.NewCode(Role::kAdmin)).value();
  const Logins::Opened viewer = logins_.Open(logins_.NewCode(Role::kViewer)).value();
  const std::string cookie = "a=b; stargaze_session=" + admin.cookie;
  const std::string own = "http://localhost:8686";
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Case {
    const char* what;
    Headers headers;
    int status;
  };
  const std::vector<Case> cases{
      {"nothing", {}, 401},
      {"token", {{"authorization", "Bearer admin-token"}}, 0},
      {"wrong token", {{"authorization", "Bearer admin-tokem"}}, 401},
      {"empty token", {{"authorization", "Bearer "}}, 401},
      {"token from another origin",
       {{"authorization", "Bearer admin-token"}, {"origin", "http://evil"}},
       403},
      {"whole session",
       {{"cookie", cookie}, {"origin", own}, {"x-stargaze-session", admin.facts.proof}},
       0},
      {"without proof", {{"cookie", cookie}, {"origin", own}}, 403},
      {"wrong proof",
       {{"cookie", cookie}, {"origin", own}, {"x-stargaze-session", viewer.facts.proof}},
       403},
      {"junk token beside a cookie",
       {{"cookie", cookie}, {"origin", own}, {"authorization", "x"}},
       403},
      {"without origin", {{"cookie", cookie}, {"x-stargaze-session", admin.facts.proof}}, 403},
      {"another port",
       {{"cookie", cookie},
        {"origin", "http://localhost:1"},
        {"x-stargaze-session", admin.facts.proof}},
       403},
      {"a viewer",
       {{"cookie", "stargaze_session=" + viewer.cookie},
        {"origin", own},
        {"x-stargaze-session", viewer.facts.proof}},
       403},
  };
  for (const Case& one : cases) {
    Headers headers = one.headers;
    headers.emplace_back("host", "localhost:8686");
    EXPECT_EQ(Ask(guard, Request("PUT", headers), Role::kOperator), one.status) << one.what;
  }
}

TEST_F(GuardTest, LetsNobodyReadOffLoopbackWithoutARole) {
  Guard guard =
      Make({.reads_open = false, .proxies = {"10.0.0.9"}, .proxy_secret = "p", .admins = {"ann"}});
  EXPECT_EQ(Ask(guard, Request("GET", {}), Role::kViewer), 401);
  EXPECT_EQ(Ask(guard, Request("GET", {}), Role::kAnyone), 0);
  EXPECT_EQ(Ask(guard, Request("GET", {{"x-forwarded-user", "bob"}}), Role::kViewer), 401)
      << "no secret";
  const std::pair<std::string, std::string> secret{"x-stargaze-proxy-secret", "p"};
  EXPECT_EQ(Ask(guard, Request("GET", {secret, {"x-forwarded-user", "bob"}}), Role::kViewer), 0);
  EXPECT_EQ(guard.RoleOf(Request("GET", {secret, {"x-forwarded-user", "ann"}})), Role::kAdmin);
  net::ServerRequest elsewhere = Request("GET", {secret, {"x-forwarded-user", "ann"}});
  elsewhere.client = "10.0.0.8";
  EXPECT_EQ(guard.RoleOf(elsewhere), Role::kAnyone);
}

TEST_F(GuardTest, OpensACodeOnceAndWithinFiveMinutes) {
  const std::string code = logins_.NewCode(Role::kAdmin);
  const auto opened = logins_.Open(code);
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(logins_.Open(code).ok()) << "twice";
  const std::string late = logins_.NewCode(Role::kAdmin);
  clock_.AdvanceTo(clock_.Now() + Logins::kCodeLife);
  EXPECT_FALSE(logins_.Open(late).ok()) << "late";
  EXPECT_TRUE(logins_.Find(opened.value().cookie).has_value());
  clock_.AdvanceTo(clock_.Now() + Logins::kSessionLife);
  EXPECT_FALSE(logins_.Find(opened.value().cookie).has_value()) << "expired";
}

TEST_F(GuardTest, LimitsEachClientAndSaysWhenToComeBack) {
  Guard guard = Make({.requests_per_second = 2});
  const net::ServerRequest request = Request("GET", {});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(guard.Admit(request).ok());
  const Status refused = guard.Admit(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().retry_after(), std::chrono::seconds(1));
  net::ServerRequest other = request;
  other.client = "10.0.0.10";
  EXPECT_TRUE(guard.Admit(other).ok());
  clock_.AdvanceTo(clock_.Now() + std::chrono::seconds(1));
  EXPECT_TRUE(guard.Admit(request).ok());
}

}  // namespace
}  // namespace stargaze::serve
