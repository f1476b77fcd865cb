#include "sandbox/graphql_execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "sandbox/ascii.h"
#include "sandbox/json_text.h"
#include "sandbox/repository_json.h"

namespace stargaze::sandbox::graphql {
namespace {

constexpr std::size_t kBytesMax = std::size_t{32} << 20;  // Of one answer.
constexpr int64_t kObjectsMax = 200'000;                  // Written for one answer.
constexpr int64_t kReleasesPerPage = 100;

class Execution {
 public:
  Execution(const Query& query,
            World& world,
            const ExecutionOptions& options,
            std::vector<Problem>& problems)
      : query_(query), world_(world), options_(options), problems_(problems) {}

  Result<std::string> Run() {
    const Object root{.type = Type::kQuery, .name = "Query"};
    WriteFields(root, query_.CollectRoot());
    if (failure_) return *failure_;
    return std::move(out_);
  }

 private:
  void WriteObject(const Object& object, const Collected& field) {
    WriteFields(object, query_.Collect(object.type, field.same));
  }

  void WriteFields(const Object& object, const std::vector<Collected>& fields) {
    ++objects_;
    out_ += '{';
    for (const Collected& field : fields) {
      if (&field != &fields.front()) out_ += ',';
      AppendJsonText(out_, std::string_view(field.first->key()));
      out_ += ':';
      std::string step;
      AppendJsonText(step, std::string_view(field.first->key()));
      path_.push_back(std::move(step));
      WriteField(object, field);
      path_.pop_back();
    }
    out_ += '}';
  }

  void WriteField(const Object& object, const Collected& field) {
    if (field.spec == nullptr) return AppendJsonText(out_, object.name);
    if (field.spec->type == Type::kScalar) return field.spec->write(out_, object);
    if (IsExhausted()) return Refuse(field);
    switch (object.type) {
      case Type::kQuery:
        return WriteRoot(field);
      case Type::kRepository:
        return WriteOfRepository(object, field);
      case Type::kReleaseConnection:
        return WriteReleases(object, field);
      default: {  // The node of an edge.
        Object release = object;
        release.type = field.spec->type;
        release.name = TypeName(release.type);
        return WriteObject(release, field);
      }
    }
  }

  bool IsExhausted() const {
    return resources_ >= options_.resources_max || out_.size() > kBytesMax ||
           objects_ > kObjectsMax;
  }

  void Refuse(const Collected& field) {
    out_ += "null";
    if (was_refused_) return;
    was_refused_ = true;
    Report("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.", field);
  }

  void Report(std::string_view type, std::string message, const Collected& field) {
    constexpr std::size_t kProblemsMax = 1'000;
    if (problems_.size() >= kProblemsMax) return;
    problems_.push_back({.type = std::string(type),
                         .message = std::move(message),
                         .path = fmt::format("[{}]", fmt::join(path_, ",")),
                         .at = field.first->at});
  }

  void WriteRoot(const Collected& field) {
    if (field.spec->type == Type::kRateLimit) {
      return WriteObject({.type = Type::kRateLimit, .name = "RateLimit", .rate = &options_.rate},
                         field);
    }
    if (field.spec->name == "repository") return WriteNamed(field);
    const bool is_list = field.spec->name == "nodes";
    const Value* ids = query_.Find(*field.first, is_list ? "ids" : "id");
    if (!is_list) return WriteNode(*ids, field);
    out_ += '[';
    for (std::size_t i = 0; i < ids->items.size(); ++i) {
      if (i > 0) out_ += ',';
      path_.push_back(std::to_string(i));
      if (IsExhausted()) {
        Refuse(field);
      } else {
        WriteNode(ids->items[i], field);
      }
      path_.pop_back();
    }
    out_ += ']';
  }

  void WriteNode(const Value& id, const Collected& field) {
    const std::optional<int64_t> number = IdOfNode("R", id.text);
    if (number && WriteRepository(*number, field)) return;
    out_ += "null";
    Report("NOT_FOUND",
           fmt::format("Could not resolve to a node with the global id of '{}'.", id.text),
           field);
  }

  // A former name is not found, unless the query follows renames.
  void WriteNamed(const Collected& field) {
    const Value* owner = query_.Find(*field.first, "owner");
    const Value* name = query_.Find(*field.first, "name");
    const Value* follow = query_.Find(*field.first, "followRenames");
    const std::string full_name = owner->text + "/" + name->text;
    const std::optional<int64_t> holder = world_.HolderOf(full_name, options_.now);
    const bool follows = follow != nullptr && follow->boolean;
    if (holder && WriteRepository(*holder, field, follows ? "" : full_name)) return;
    out_ += "null";
    Report("NOT_FOUND",
           fmt::format("Could not resolve to a Repository with the name '{}'.", full_name),
           field);
  }

  // `must_be_named`, any case; empty: whatever its name is. False when it is not there.
  bool WriteRepository(int64_t id, const Collected& field, std::string_view must_be_named = "") {
    Result<Lookup> found = world_.Look(id, options_.now);
    if (!found.ok()) {
      failure_ = found.error();
      return false;
    }
    if (found.value().state != RepositoryState::kPublic) return false;
    const Repository& repository = found.value().repository;
    if (!must_be_named.empty() && !EqualsAnyCase(repository.name->full_name, must_be_named))
      return false;
    ++resources_;
    WriteObject({.type = Type::kRepository, .name = "Repository", .repository = &repository},
                field);
    return true;
  }

  void WriteOfRepository(const Object& repository, const Collected& field) {
    const Repository& one = *repository.repository;
    Object object{.type = field.spec->type, .name = TypeName(field.spec->type), .repository = &one};
    if (object.type == Type::kLicense && one.profile->license == nullptr) return WriteNull();
    if (object.type == Type::kLanguage && !one.profile->language) return WriteNull();
    if (object.type == Type::kOwner)
      object.name = one.name->owner_is_organization ? "Organization" : "User";
    if (field.spec->is_connection) ++resources_;
    if (object.type == Type::kCounted) object.count = CountOf(one, field);
    if (object.type == Type::kReleaseConnection) return WriteConnection(object, field);
    WriteObject(object, field);
  }

  void WriteNull() { out_ += "null"; }

  // Closed issues and pull requests are not part of a world: nothing is known of them.
  int64_t CountOf(const Repository& one, const Collected& field) const {
    const std::string_view name = field.spec->name;
    if (name == "watchers") return SubscribersOf(one);
    if (name == "stargazers") return one.stars;
    if (name == "forks") return one.forks;
    const Value* states = query_.Find(*field.first, "states");
    const auto is_open = [](const Value& state) { return state.text == "OPEN"; };
    const bool open =
        states == nullptr || is_open(*states) || std::ranges::any_of(states->items, is_open);
    if (!open) return 0;
    const int64_t pull_requests = OpenPullRequestsOf(one);
    return name == "issues" ? one.open_issues - pull_requests : pull_requests;
  }

  void WriteConnection(Object& object, const Collected& field) {
    const std::vector<Release> all =
        world_.ReleasesOf(object.repository->profile->id, options_.now);
    const auto count = static_cast<int64_t>(all.size());
    int64_t begin = 0;
    int64_t end = count;
    if (const Value* after = query_.Find(*field.first, "after"))
      begin = std::min(count, PositionOf(after->text) + 1);
    if (const Value* before = query_.Find(*field.first, "before"))
      end = std::clamp(PositionOf(before->text), begin, count);
    const auto size = [&](std::string_view argument) {
      const Value* wanted = query_.Find(*field.first, argument);
      return wanted == nullptr ? kReleasesPerPage
                               : std::clamp<int64_t>(wanted->integer, 0, kReleasesPerPage);
    };
    if (query_.Find(*field.first, "last") != nullptr) {
      begin = std::max(begin, end - size("last"));
    } else {
      end = std::min(end, begin + size("first"));
    }
    object.count = count;
    object.offset = begin;
    object.window = std::span(all).subspan(static_cast<std::size_t>(begin),
                                           static_cast<std::size_t>(std::max(begin, end) - begin));
    WriteObject(object, field);
  }

  // nodes, edges or pageInfo of a page of releases.
  void WriteReleases(const Object& connection, const Collected& field) {
    Object object = connection;
    object.type = field.spec->type;
    object.name = TypeName(object.type);
    if (object.type == Type::kPageInfo) return WriteObject(object, field);
    out_ += '[';
    for (const Release& release : connection.window) {
      if (&release != &connection.window.front()) out_ += ',';
      object.release = &release;
      object.offset = connection.offset + (&release - &connection.window.front());
      if (IsExhausted()) {
        Refuse(field);
      } else {
        WriteObject(object, field);
      }
    }
    out_ += ']';
  }

  const Query& query_;
  World& world_;
  const ExecutionOptions& options_;
  std::vector<Problem>& problems_;
  std::string out_;
  std::vector<std::string> path_;
  std::optional<Error> failure_;
  int64_t resources_ = 0;
  int64_t objects_ = 0;
  bool was_refused_ = false;
};

}  // namespace

Result<std::string> Execute(const Query& query,
                            World& world,
                            const ExecutionOptions& options,
                            std::vector<Problem>& problems) {
  return Execution(query, world, options, problems).Run();
}

}  // namespace stargaze::sandbox::graphql
