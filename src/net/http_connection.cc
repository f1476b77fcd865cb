#include "net/http_connection.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <type_traits>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace stargaze::net {
namespace {

// One connection: reads a request, has it answered, writes the answer, again. All members run on
// the connection's strand, except CheckDeadline and Stop, which only look at atomics and post.
template <typename Stream>
class HttpConnection final : public Connection,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, SessionShared& shared, std::string client)
      : stream_(std::move(stream)), shared_(shared), client_(std::move(client)) {}
  ~HttpConnection() override {
    stop_.request_stop();
    if (response_.push) response_.push->OnPush({});
    if (response_.push) response_.push->Close();
    Unsent(0);
    shared_.Remove(this);
    shared_.Leave(client_);
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void Run() {
    shared_.Add(this, this->weak_from_this());
    Post([](HttpConnection& self) { self.Begin(); });
  }

  void CheckDeadline() override {
    if (shared_.tick < deadline_) return;
    Post([](HttpConnection& self) {
      if (self.shared_.tick >= self.deadline_) self.OnDeadline();
    });
  }
  void Stop() override {
    Post([](HttpConnection& self) { self.OnStop(); });
  }

 private:
  using Self = std::shared_ptr<HttpConnection>;
  static constexpr bool kIsTls = !std::is_same_v<Stream, asio::ip::tcp::socket> &&
                                 !std::is_same_v<Stream, asio::local::stream_protocol::socket>;
  static constexpr bool kIsLocal = std::is_same_v<Stream, asio::local::stream_protocol::socket>;
  static constexpr int64_t kNever = INT64_MAX;
  static constexpr int64_t kSlowestBytesPerSecond = 8 << 10;
  static constexpr int kLingerSeconds = 2;
  enum class Phase { kIdle, kReading, kHandling, kWriting, kPushing, kClosing };

  // Member functions as handlers that keep the connection alive.
  template <typename Body>
  void Post(Body body) {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), body] { body(*self); });
  }
  template <typename Body>
  auto Then(Body body) {
    return [self = this->shared_from_this(), body](
               const beast::error_code& error, std::size_t bytes) { body(*self, error, bytes); };
  }
  auto& Socket() {
    if constexpr (kIsTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void Enter(Phase phase, int64_t seconds) {
    phase_ = phase;
    deadline_ =
        seconds == kNever ? kNever : shared_.tick + seconds * SessionShared::kTicksPerSecond + 1;
  }

  void Begin() {
    if constexpr (kIsTls) {
      Enter(Phase::kIdle, shared_.options.header_seconds_max);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const beast::error_code& error) {
                                if (!error) self->AwaitRequest();
                              });
    } else {
      AwaitRequest();
    }
  }

  void AwaitRequest() {
    request_id_ = {};
    if (buffer_.size() > 0) return ReadHeader();
    Enter(Phase::kIdle, shared_.stopping ? 0 : shared_.options.idle_seconds_max);
    constexpr std::size_t kFirstBytes = 8 << 10;
    stream_.async_read_some(
        buffer_.prepare(kFirstBytes),
        Then([](HttpConnection& self, const beast::error_code& error, std::size_t bytes) {
          if (error) return;
          self.buffer_.commit(bytes);
          self.ReadHeader();
        }));
  }

  void ReadHeader() {
    Enter(Phase::kReading, shared_.options.header_seconds_max);
    request_id_ = shared_.NextRequestId();
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(shared_.options.header_bytes_max));
    parser_->body_limit(static_cast<uint64_t>(shared_.options.body_bytes_max));
    http::async_read_header(
        stream_,
        buffer_,
        *parser_,
        Then([](HttpConnection& self, const beast::error_code& error, std::size_t) {
          self.OnHeader(error);
        }));
  }

  void OnHeader(const beast::error_code& error) {
    if (phase_ != Phase::kReading) return;
    began_ = shared_.Now();
    if (error) return OnBroken(error);
    version_ = parser_->get().version();
    keep_alive_ = parser_->get().keep_alive();
    if (const int status = ForbiddenStatus(parser_->get(), shared_.options); status != 0)
      return Refuse(status);
    if (parser_->is_done()) return OnRequest();
    Enter(Phase::kReading, shared_.options.body_seconds_max);
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_,
                      asio::buffer(head_),
                      Then([](HttpConnection& self, const beast::error_code& failed, std::size_t) {
                        if (!failed && self.phase_ == Phase::kReading) self.ReadBody();
                      }));
  }

  void ReadBody() {
    http::async_read(stream_,
                     buffer_,
                     *parser_,
                     Then([](HttpConnection& self, const beast::error_code& error, std::size_t) {
                       if (self.phase_ != Phase::kReading) return;
                       if (error) return self.OnBroken(error);
                       self.OnRequest();
                     }));
  }

  void OnBroken(const beast::error_code& error) {
    if (const int status = StatusOf(error, parser_->get()); status != 0) Refuse(status);
  }

  void Refuse(int status) {
    keep_alive_ = false;
    Send(shared_.Refuse(status, RefusalFor(status), request_id_));
  }

  void OnRequest() {
    Result<ServerRequest> request = ToServerRequest(parser_->release());
    if (!request.ok()) return Refuse(400);
    auto ours = std::make_shared<ServerRequest>(std::move(request).value());
    ours->local_socket = kIsLocal;
    ours->tls = kIsTls;
    ours->client = client_;
    ours->request_id = request_id_;
    request_ = ours;
    if (!kIsLocal && shared_.options.quick) {
      if (std::optional<ServerResponse> response = shared_.options.quick(*ours))
        return Send(std::move(*response));
    }
    const bool is_busy = shared_.waiting >= shared_.options.waiting_max ||
                         shared_.unsent_bytes > shared_.options.unsent_bytes_max;
    if (!kIsLocal && is_busy) return Send(shared_.Refuse(503, RefusalFor(503), request_id_));
    stop_ = std::stop_source();
    ours->stop = stop_.get_token();
    Enter(Phase::kHandling, kIsLocal ? kNever : shared_.options.handling_seconds_max);
    ++shared_.waiting;
    asio::post(kIsLocal ? shared_.local_pool : shared_.pool,
               [self = this->shared_from_this(), ours] {
                 auto response = std::make_shared<ServerResponse>(self->shared_.Handle(*ours));
                 --self->shared_.waiting;
                 self->Post([response, ours](HttpConnection& me) {
                   const bool is_awaited = me.phase_ == Phase::kHandling && me.request_ == ours;
                   if (is_awaited) me.Send(std::move(*response));
                 });
               });
  }

  void Send(ServerResponse response) {
    response_ = std::move(response);
    HttpResponse& answer = response_.answer;
    keep_alive_ = keep_alive_ && !shared_.stopping;
    const bool has_body = HasBody(answer.status) && !(request_ && request_->method == "HEAD");
    const bool is_open_ended = response_.source || response_.push;
    is_chunked_ = is_open_ended && version_ == 11;
    if (is_open_ended && !is_chunked_) keep_alive_ = false;
    std::vector<std::pair<std::string_view, std::string>> more{{"x-request-id", request_id_}};
    // A handler may know the time better: a simulation has its own.
    if (!answer.headers.Find("date")) more.emplace_back("date", shared_.HttpDate());
    const std::string_view body =
        answer.body.empty() ? response_.fixed_body : std::string_view(answer.body);
    if (!is_open_ended && HasBody(answer.status))
      more.emplace_back("content-length", std::to_string(body.size()));
    if (is_chunked_) more.emplace_back("transfer-encoding", "chunked");
    if (!keep_alive_) more.emplace_back("connection", "close");
    if (keep_alive_ && version_ == 10) more.emplace_back("connection", "keep-alive");
    head_ = HeadOf(answer, version_, more);
    sent_bytes_ = 0;
    if (!has_body) response_.source = {};
    if (!has_body && response_.push) std::exchange(response_.push, {})->Close();
    Write(has_body && !is_open_ended ? body : std::string_view(), [](HttpConnection& self) {
      if (self.response_.source) return self.Pull();
      if (self.response_.push) return self.BeginPushing();
      self.OnSent();
    });
  }

  // Writes head_ and `body`, then goes on with `next`. A client that takes it too slowly is
  // dropped.
  template <typename Next>
  void Write(std::string_view body, Next next) {
    const auto bytes = static_cast<int64_t>(head_.size() + body.size());
    Enter(Phase::kWriting, shared_.options.write_seconds_max + bytes / kSlowestBytesPerSecond);
    Unsent(bytes);
    sent_bytes_ += static_cast<int64_t>(body.size());
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                    asio::buffer(body.data(), body.size())};
    asio::async_write(
        stream_,
        buffers,
        Then([next](HttpConnection& self, const beast::error_code& error, std::size_t) {
          self.Unsent(0);
          if (!error && self.phase_ == Phase::kWriting) next(self);
        }));
  }

  void Unsent(int64_t bytes) {
    shared_.unsent_bytes += bytes - unsent_;
    unsent_ = bytes;
  }

  // The next part of a body that is made while it is sent.
  void Pull() {
    Enter(Phase::kHandling, kIsLocal ? kNever : shared_.options.handling_seconds_max);
    asio::post(shared_.pool, [self = this->shared_from_this()] {
      self->part_.clear();
      Result<bool> more = Error(ErrorKind::kInternal, "the body's source threw");
      try {
        more = self->response_.source(self->part_);
      } catch (...) {
        // As it is: the answer is cut off below.
      }
      self->Post([good = more.ok(), goes_on = more.ok() && more.value()](HttpConnection& me) {
        if (me.phase_ != Phase::kHandling) return;
        if (!good) return me.Close();
        me.WritePart(goes_on);
      });
    });
  }

  void WritePart(bool goes_on) {
    Frame(goes_on);
    Write(part_, [goes_on](HttpConnection& self) {
      if (goes_on) return self.Pull();
      self.OnSent();
    });
  }

  // Makes part_ a chunk, and the last one when nothing follows.
  void Frame(bool goes_on) {
    head_.clear();
    if (!is_chunked_) return;
    if (!part_.empty()) head_ = fmt::format("{:x}\r\n", part_.size());
    if (!part_.empty()) part_ += "\r\n";
    if (!goes_on) part_ += "0\r\n\r\n";
  }

  void BeginPushing() {
    response_.push->OnPush([weak = this->weak_from_this()] {
      if (const Self self = weak.lock()) self->Post([](HttpConnection& me) { me.WritePushed(); });
    });
    // Nothing is expected from the client; that it goes away is seen by reading.
    buffer_.clear();
    stream_.async_read_some(
        buffer_.prepare(1),
        Then([](HttpConnection& self, const beast::error_code&, std::size_t) { self.Close(); }));
    Enter(Phase::kPushing, kNever);
    WritePushed();
  }

  void WritePushed() {
    if (phase_ != Phase::kPushing) return;
    bool ended = false;
    part_ = response_.push->Take(ended);
    if (part_.empty() && !ended) return;
    Frame(!ended);
    Write(part_, [ended](HttpConnection& self) {
      if (ended) return self.Close();
      self.Enter(Phase::kPushing, kNever);
      self.WritePushed();
    });
  }

  void OnSent() {
    if (shared_.options.access) Log();
    request_ = nullptr;
    response_ = {};
    if (keep_alive_) return AwaitRequest();
    // What is still on its way from the client is read, so that it gets the answer and not a reset.
    beast::error_code ignored;
    Socket().shutdown(asio::socket_base::shutdown_send, ignored);
    Enter(Phase::kClosing, kLingerSeconds);
    Discard();
  }

  void Discard() {
    constexpr std::size_t kDiscardedBytes = 8 << 10;
    buffer_.clear();
    Socket().async_read_some(
        buffer_.prepare(kDiscardedBytes),
        Then([](HttpConnection& self, const beast::error_code& error, std::size_t) {
          if (!error && self.phase_ == Phase::kClosing) self.Discard();
        }));
  }

  void Log() {
    AccessRecord record{.client = client_,
                        .request_id = request_id_,
                        .status = response_.answer.status,
                        .body_bytes = sent_bytes_,
                        .microseconds = (shared_.Now() - began_).count()};
    if (request_) {
      record.method = request_->method;
      record.target = LoggedTarget(*request_);
    }
    shared_.options.access(record);
  }

  void OnDeadline() {
    switch (phase_) {
      case Phase::kReading:
        // The read that waits ends with an error, which its handler ignores in another phase.
        Socket().cancel();
        return Refuse(408);
      case Phase::kHandling:
        stop_.request_stop();
        if (response_.source) return Close();
        keep_alive_ = false;
        return Send(shared_.Refuse(504, RefusalFor(504), request_id_));
      default:
        return Close();
    }
  }

  void OnStop() {
    if (shared_.aborting || phase_ == Phase::kIdle || phase_ == Phase::kClosing) return Close();
    if (response_.push) response_.push->Close();
  }

  void Close() {
    phase_ = Phase::kClosing;
    deadline_ = kNever;
    stop_.request_stop();
    beast::error_code ignored;
    Socket().close(ignored);
  }

  Stream stream_;
  SessionShared& shared_;
  std::string client_;
  std::atomic<int64_t> deadline_{kNever};
  Phase phase_ = Phase::kIdle;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  unsigned version_ = 11;
  bool keep_alive_ = true;
  bool is_chunked_ = false;
  std::string request_id_;
  std::shared_ptr<ServerRequest> request_;
  std::stop_source stop_;
  ServerResponse response_;
  std::string head_;
  std::string part_;
  int64_t unsent_ = 0;
  int64_t sent_bytes_ = 0;
  Instant began_{};
};

}  // namespace

void RunConnection(asio::ip::tcp::socket socket,
                   SessionShared& shared,
                   std::string client,
                   asio::ssl::context* tls) {
  using Plain = HttpConnection<asio::ip::tcp::socket>;
  using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;
  if (tls == nullptr)
    return std::make_shared<Plain>(std::move(socket), shared, std::move(client))->Run();
  std::make_shared<HttpConnection<TlsStream>>(
      TlsStream(std::move(socket), *tls), shared, std::move(client))
      ->Run();
}

void RunConnection(asio::local::stream_protocol::socket socket, SessionShared& shared) {
  std::make_shared<HttpConnection<asio::local::stream_protocol::socket>>(
      std::move(socket), shared, std::string())
      ->Run();
}

}  // namespace stargaze::net
