#include "collect/credential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/virtual_clock.h"
#include "collect/github_app.h"
#include "secrets/testing/rsa_key.h"

namespace stargaze::collect {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

using secrets::FromBase64Url;
using secrets::NewKey;
using secrets::SignedBy;

constexpr char kOrigin[] = "https://api.github.com";
const Instant kStart = *ParseInstant("2026-09-01T12:00:00Z");

std::vector<std::unique_ptr<TokenProvider>> Tokens(int count) {
  std::vector<std::unique_ptr<TokenProvider>> tokens;
  for (int i = 0; i < count; ++i)
    tokens.push_back(
        std::make_unique<StaticToken>(secrets::Secret("ghp_0123456789abcdef" + std::to_string(i))));
  return tokens;
}

TEST(CredentialTest, AFifthTokenMovesItsShareOnly) {
  CredentialPool four(kOrigin, Tokens(4), {});
  CredentialPool five(kOrigin, Tokens(5), {});
  std::map<std::string, int> shares;
  int moved = 0;
  const std::string fifth = Tokens(5)[4]->identity();
  for (int64_t id = 1; id <= 10'000; ++id) {
    const std::string before = four.CredentialFor(id, {}).value().identity;
    const std::string after = five.CredentialFor(id, {}).value().identity;
    ++shares[after];
    if (before == after) continue;
    ++moved;
    EXPECT_EQ(after, fifth);
  }
  EXPECT_LE(moved, 2500);
  EXPECT_GE(moved, 1500);
  for (const auto& [identity, share] : shares) EXPECT_NEAR(share, 2000, 300);
}

TEST(CredentialTest, GoesToItsOwnOriginOnly) {
  CredentialPool pool(kOrigin, Tokens(1), {});
  const Credential credential = pool.CredentialFor(7, {}).value();
  EXPECT_EQ(credential.HeaderFor("https://api.github.com/repos/a/b?page=2")->second,
            "Bearer ghp_0123456789abcdef0");
  EXPECT_TRUE(credential.HeaderFor("https://API.github.com:443/"));
  for (const char* other : {"http://api.github.com/",
                            "https://api.github.com:8443/",
                            "https://api.github.com.evil.example/",
                            "https://x@api.github.com/",
                            "https://uploads.github.com/",
                            "no url"})
    EXPECT_FALSE(credential.HeaderFor(other)) << other;
}

TEST(CredentialTest, WithoutATokenItSaysWhatThatMeans) {
  CredentialPool pool(kOrigin, {}, {});
  const Credential credential = pool.CredentialFor(7, {}).value();
  EXPECT_EQ(credential.identity, "anonymous");
  EXPECT_FALSE(credential.HeaderFor(std::string(kOrigin) + "/"));
  EXPECT_THAT(pool.Summary(), HasSubstr("60 requests an hour"));
}

TEST(CredentialTest, SetsARevokedTokenAsideAndTellsOnce) {
  std::vector<TokenAlert> alerts;
  CredentialPool pool(
      kOrigin, Tokens(2), [&](const TokenAlert& alert) { alerts.push_back(alert); });
  const Credential revoked = pool.CredentialFor(7, {}).value();
  pool.SetAside(revoked);
  pool.SetAside(revoked);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].label, revoked.label);
  EXPECT_EQ(revoked.label.size(), std::string("…").size() + 4);
  EXPECT_THAT(alerts[0].message, HasSubstr(revoked.label));
  EXPECT_THAT(alerts[0].message, Not(HasSubstr("0123456789")));
  const Credential other = pool.CredentialFor(7, {}).value();
  EXPECT_NE(other.identity, revoked.identity);
  EXPECT_EQ(pool.Summary(), "2 tokens, 1 set aside");
  pool.SetAside(other);
  const auto none = pool.CredentialFor(7, {});
  EXPECT_EQ(none.error().kind(), ErrorKind::kUnauthorized);
  EXPECT_THAT(none.error().message(), Not(HasSubstr("0123456789")));
}

TEST(CredentialTest, ReadsEnvironmentAndFile) {
  const std::string path = testing::TempDir() + "/credential_test_tokens";
  std::ofstream(path) << "# ours\nghp_file_0000000000000 # spare\n\nghp_one_11111111111111\n";
  ::chmod(path.c_str(), 0640);
  const std::map<std::string, std::string> variables{
      {"GITHUB_TOKEN", "ghp_one_11111111111111"},
      {"GITHUB_TOKENS", " ghp_two_22222222222222, ,ghp_one_11111111111111"}};
  secrets::EnvironmentSecrets environment(variables);
  const auto open = TokensFrom(environment, path);
  ASSERT_FALSE(open.ok());
  EXPECT_EQ(open.error().kind(), ErrorKind::kUnauthorized);
  EXPECT_EQ(open.error().remedy(), "chmod 600 " + path);
  ::chmod(path.c_str(), 0600);
  const auto tokens = TokensFrom(environment, path);
  ASSERT_TRUE(tokens.ok()) << tokens.error().message();
  std::vector<std::string> texts;
  for (const auto& token : tokens.value()) texts.push_back(token->Token({}).value().Reveal());
  EXPECT_THAT(texts,
              testing::ElementsAre(
                  "ghp_one_11111111111111", "ghp_two_22222222222222", "ghp_file_0000000000000"));
  const std::map<std::string, std::string> bad{{"GITHUB_TOKEN",
                                                "ghp_s3cret\x01"
                                                "s3cretabcd"}};
  secrets::EnvironmentSecrets broken(bad);
  const auto refused = TokensFrom(broken, "");
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalidInput);
  EXPECT_THAT(refused.error().message(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(TokensFrom(broken, "/nowhere").error().kind(), ErrorKind::kNotFound);
}

// GitHub as an app sees it: checks the signature with the public half of the key.
class AppServer final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> Send(const net::HttpRequest& request, const std::stop_token&) override {
    requests.push_back(request);
    net::HttpResponse response{.status = status};
    response.body = R"({"token":"ghs_installation_)" + std::to_string(requests.size()) +
                    R"(","expires_at":")" + FormatInstantSeconds(expires_at) + R"("})";
    return response;
  }
  std::vector<net::HttpRequest> requests;
  Instant expires_at = kStart + minutes(60);
  int status = 201;
};

TEST(GithubAppTest, AsksWithASignedTokenAndRenewsEarly) {
  VirtualClock clock(kStart);
  Governor governor(clock);
  AppServer server;
  const std::string pem = NewKey();
  GithubApp app({.base_url = kOrigin,
                 .app_id = "12",
                 .installation_id = "34",
                 .private_key = secrets::Secret(pem)},
                server,
                governor,
                clock);
  EXPECT_EQ(app.Token({}).value().Reveal(), "ghs_installation_1");
  EXPECT_EQ(app.Token({}).value().Reveal(), "ghs_installation_1");
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_EQ(server.requests[0].method, "POST");
  EXPECT_EQ(server.requests[0].url, "https://api.github.com/app/installations/34/access_tokens");
  const std::string proof(server.requests[0].headers.Find("authorization")->substr(7));
  EXPECT_TRUE(SignedBy(proof, pem));
  EXPECT_FALSE(SignedBy(proof, NewKey()));
  EXPECT_EQ(FromBase64Url(proof.substr(0, proof.find('.'))), R"({"alg":"RS256","typ":"JWT"})");
  const std::size_t dot = proof.find('.') + 1;
  const int64_t now = kStart.time_since_epoch() / std::chrono::seconds(1);
  EXPECT_EQ(FromBase64Url(proof.substr(dot, proof.rfind('.') - dot)),
            "{\"iat\":" + std::to_string(now - 60) + ",\"exp\":" + std::to_string(now + 540) +
                ",\"iss\":\"12\"}");

  clock.AdvanceTo(kStart + minutes(56));
  server.status = 502;
  EXPECT_EQ(app.Token({}).value().Reveal(), "ghs_installation_1");  // Still good for four minutes.
  server.status = 201;
  server.expires_at = kStart + minutes(116);
  EXPECT_EQ(app.Token({}).value().Reveal(), "ghs_installation_3");
  clock.AdvanceTo(kStart + minutes(120));
  server.status = 401;
  const auto refused = app.Token({});
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUnauthorized);
  EXPECT_THAT(refused.error().message(), Not(HasSubstr("ghs_")));
}

TEST(GithubAppTest, RefusesWhatIsNoKey) {
  VirtualClock clock(kStart);
  Governor governor(clock);
  AppServer server;
  GithubApp app(
      {.base_url = kOrigin, .private_key = secrets::Secret("s3cret")}, server, governor, clock);
  const auto token = app.Token({});
  EXPECT_EQ(token.error().kind(), ErrorKind::kInvalidInput);
  EXPECT_THAT(token.error().message(), Not(HasSubstr("s3cret")));
  EXPECT_TRUE(server.requests.empty());
}

}  // namespace
}  // namespace stargaze::collect
