#include "lake/manifest_codec.h"

#include <fmt/core.h>

#include <algorithm>

#include <boost/json.hpp>

#include "lake/layout.h"

namespace stargaze::lake {
namespace {

namespace json = boost::json;
using model::Manifest;
using model::ManifestObject;
using model::SubjectOutcome;

// Reads the members of one JSON object; the first that is missing or of the wrong type is
// remembered.
class Members {
 public:
  Members(const json::object& object, std::string& bad) : object_(object), bad_(bad) {}

  std::string Text(const char* key) {
    const json::value* value = Find(key);
    if (value != nullptr && value->is_string()) return std::string(value->as_string());
    return Bad<std::string>(key);
  }

  int64_t Integer(const char* key) {
    const json::value* value = Find(key);
    if (value != nullptr && value->is_int64()) return value->as_int64();
    return Bad<int64_t>(key);
  }

  // Members that came later: manifests written before lack them.
  int64_t IntegerOr(const char* key, int64_t otherwise) {
    return Find(key) == nullptr ? otherwise : Integer(key);
  }
  std::string TextOr(const char* key, std::string otherwise) {
    return Find(key) == nullptr ? std::move(otherwise) : Text(key);
  }
  bool Has(const char* key) const { return Find(key) != nullptr; }

  bool Flag(const char* key) {
    const json::value* value = Find(key);
    if (value != nullptr && value->is_bool()) return value->as_bool();
    return Bad<bool>(key);
  }

  Instant Time(const char* key) {
    const auto instant = ParseInstant(Text(key));
    return instant ? *instant : Bad<Instant>(key);
  }

  const json::array& List(const char* key) {
    static const json::array kNone;
    const json::value* value = Find(key);
    if (value != nullptr && value->is_array()) return value->as_array();
    Bad<int>(key);
    return kNone;
  }

  // Manifests of earlier versions lack it.
  const json::array& ListIfThere(const char* key) {
    static const json::array kNone;
    return Find(key) == nullptr ? kNone : List(key);
  }

  const json::object& Object(const char* key) {
    static const json::object kNone;
    const json::value* value = Find(key);
    if (value != nullptr && value->is_object()) return value->as_object();
    Bad<int>(key);
    return kNone;
  }

 private:
  const json::value* Find(const char* key) const { return object_.if_contains(key); }

  template <typename T>
  T Bad(const char* key) {
    if (bad_.empty()) bad_ = key;
    return T{};
  }

  const json::object& object_;
  std::string& bad_;
};

json::object ToJson(const ManifestObject& object) {
  json::object out{{"key", object.key},
                   {"table", object.table},
                   {"subject", object.subject},
                   {"bytes", object.bytes},
                   {"crc32c", object.crc32c},
                   {"lines", object.lines},
                   {"first_ordinal", object.first_ordinal}};
  if (object.offset != 0) out["offset"] = object.offset;
  if (!object.origin.empty()) out["origin"] = object.origin;
  return out;
}

ManifestObject ObjectFrom(Members in) {
  return {.key = in.Text("key"),
          .table = in.Text("table"),
          .subject = in.Text("subject"),
          .bytes = in.Integer("bytes"),
          .crc32c = static_cast<uint32_t>(in.Integer("crc32c")),
          .lines = in.Integer("lines"),
          .first_ordinal = in.Integer("first_ordinal"),
          .offset = in.IntegerOr("offset", 0),
          .origin = in.TextOr("origin", "")};
}

json::object ToJson(const SubjectOutcome& subject) {
  json::object out{{"subject", subject.subject},
                   {"state", NameOf(subject.state)},
                   {"observed_at", FormatInstant(subject.observed_at)},
                   {"kind", subject.kind},
                   {"message", subject.message},
                   {"status", subject.status},
                   {"tries", subject.tries}};
  if (!subject.full_name.empty()) out["full_name"] = subject.full_name;
  return out;
}

SubjectOutcome SubjectFrom(Members in, std::string& bad) {
  const auto state = model::ParseSubjectState(in.Text("state"));
  if (!state && bad.empty()) bad = "state";
  return {.subject = in.Text("subject"),
          .state = state.value_or(model::SubjectState::kFailed),
          .observed_at = in.Time("observed_at"),
          .kind = in.Text("kind"),
          .full_name = in.TextOr("full_name", ""),
          .message = in.Text("message"),
          .status = static_cast<int>(in.Integer("status")),
          .tries = static_cast<int>(in.Integer("tries"))};
}

json::object ToJson(const model::PageState& page) {
  return {{"subject", page.subject},
          {"request", page.request},
          {"identity", page.identity},
          {"url", page.url},
          {"accept", page.accept},
          {"etag", page.etag},
          {"next", page.next}};
}

model::PageState PageFrom(Members in) {
  return {.subject = in.Text("subject"),
          .request = in.Text("request"),
          .identity = in.Text("identity"),
          .url = in.Text("url"),
          .accept = in.Text("accept"),
          .etag = in.Text("etag"),
          .next = in.Text("next")};
}

model::CursorState CursorFrom(Members in) {
  return {.subject = in.Text("subject"), .request = in.Text("request"), .value = in.Text("value")};
}

Manifest ManifestFrom(const json::object& object, std::string& bad) {
  Members in(object, bad);
  Manifest m;
  m.version = static_cast<int>(in.Integer("version"));
  m.layer = in.Text("layer") == "raw" ? model::Layer::kRaw : model::Layer::kAnalytics;
  m.host = in.Text("host");
  m.sandbox = in.Flag("sandbox");
  m.dataset = in.Text("dataset");
  m.schema_version = static_cast<int>(in.Integer("schema_version"));
  m.declaration_hash = in.Text("declaration_hash");
  m.attempt = in.Text("attempt");
  m.dag_id = in.Text("dag_id");
  m.run_id = in.Text("run_id");
  m.logical_date = in.Time("logical_date");
  m.started_at = in.Time("started_at");
  m.ended_at = in.Time("ended_at");
  m.complete = in.Flag("complete");
  m.raw_manifest = in.Text("raw_manifest");
  Members requests(in.Object("requests"), bad);
  m.requests = {.sent = requests.Integer("sent"),
                .charged = requests.Integer("charged"),
                .retried = requests.Integer("retried")};
  const auto object_of = [&](const json::value& value) -> const json::object& {
    static const json::object kNone;
    return value.is_object() ? value.as_object() : kNone;
  };
  for (const json::value& value : in.List("objects"))
    m.objects.push_back(ObjectFrom(Members(object_of(value), bad)));
  for (const json::value& value : in.List("subjects"))
    m.subjects.push_back(SubjectFrom(Members(object_of(value), bad), bad));
  for (const json::value& value : in.ListIfThere("pages"))
    m.pages.push_back(PageFrom(Members(object_of(value), bad)));
  for (const json::value& value : in.ListIfThere("cursors"))
    m.cursors.push_back(CursorFrom(Members(object_of(value), bad)));
  const json::object& quarantined = in.Object("quarantined");
  for (const auto& [name, count] : quarantined)
    m.quarantined[name] = Members(quarantined, bad).Integer(std::string(name).c_str());
  if (in.Has("supersedes")) {
    for (const json::value& key : in.List("supersedes")) {
      if (key.is_string()) {
        m.supersedes.emplace_back(key.as_string());
      } else if (bad.empty()) {
        bad = "supersedes";
      }
    }
    // A part has no parts: what was compacted before is taken over flat.
    for (const json::value& part : in.List("parts"))
      m.parts.push_back(ManifestFrom(object_of(part), bad));
  }
  return m;
}

json::object ToJson(const Manifest& m) {
  json::array objects;
  for (const ManifestObject& object : m.objects) objects.push_back(ToJson(object));
  json::array subjects;
  for (const SubjectOutcome& subject : m.subjects) subjects.push_back(ToJson(subject));
  json::array pages;
  for (const model::PageState& page : m.pages) pages.push_back(ToJson(page));
  json::object quarantined;
  for (const auto& [name, count] : m.quarantined) quarantined[name] = count;
  json::object object{{"version", m.version},
                      {"layer", NameOf(m.layer)},
                      {"host", m.host},
                      {"sandbox", m.sandbox},
                      {"dataset", m.dataset},
                      {"schema_version", m.schema_version},
                      {"declaration_hash", m.declaration_hash},
                      {"attempt", m.attempt},
                      {"dag_id", m.dag_id},
                      {"run_id", m.run_id},
                      {"logical_date", FormatInstant(m.logical_date)},
                      {"started_at", FormatInstant(m.started_at)},
                      {"ended_at", FormatInstant(m.ended_at)},
                      {"complete", m.complete},
                      {"raw_manifest", m.raw_manifest},
                      {"requests",
                       {{"sent", m.requests.sent},
                        {"charged", m.requests.charged},
                        {"retried", m.requests.retried}}},
                      {"objects", objects},
                      {"subjects", subjects},
                      {"pages", pages},
                      {"quarantined", quarantined}};
  if (!m.cursors.empty()) {
    json::array cursors;
    for (const model::CursorState& cursor : m.cursors)
      cursors.push_back(
          {{"subject", cursor.subject}, {"request", cursor.request}, {"value", cursor.value}});
    object["cursors"] = std::move(cursors);
  }
  if (!m.supersedes.empty()) {
    object["supersedes"] = json::array(m.supersedes.begin(), m.supersedes.end());
    json::array parts;
    for (const Manifest& part : m.parts) parts.push_back(ToJson(part));
    object["parts"] = std::move(parts);
  }
  return object;
}

Result<std::vector<std::string>> ManifestKeys(ObjectStore& store, const std::string& prefix) {
  SG_TRY(const std::vector<ObjectInfo> objects, store.List(prefix));
  std::vector<std::string> keys;
  for (const ObjectInfo& object : objects) {
    if (IsManifestKey(object.key)) keys.push_back(object.key);
  }
  return keys;
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  return json::serialize(ToJson(manifest)) + "\n";
}

Result<Manifest> DecodeManifest(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object())
    return Error(ErrorKind::kCorrupt, "a manifest is not a JSON object: " + error.message());
  std::string bad;
  Manifest manifest = ManifestFrom(value.as_object(), bad);
  if (!bad.empty())
    return Error(ErrorKind::kCorrupt,
                 fmt::format("a manifest lacks '{}' or has it in another form", bad));
  return manifest;
}

Result<std::string> PublishManifest(ObjectStore& store, const Manifest& manifest) {
  std::string key =
      ManifestKey(manifest.layer, manifest.dataset, manifest.logical_date, manifest.attempt);
  SG_RETURN_IF_ERROR(store.Put(key, EncodeManifest(manifest), PutMode::kIfAbsent));
  return key;
}

Result<Manifest> ReadManifest(ObjectStore& store, const std::string& key) {
  SG_TRY(const std::string text, store.Get(key));
  Result<Manifest> manifest = DecodeManifest(text);
  if (!manifest.ok()) return std::move(manifest).error().While(key);
  return manifest;
}

Result<std::vector<std::string>> ListManifests(ObjectStore& store, model::Layer layer) {
  return ManifestKeys(store, ManifestPrefix(layer));
}

Result<std::vector<std::string>> ListManifests(ObjectStore& store,
                                               model::Layer layer,
                                               const std::string& dataset) {
  return ManifestKeys(store, ManifestPrefix(layer, dataset));
}

Result<std::vector<std::string>> ListManifests(ObjectStore& store,
                                               model::Layer layer,
                                               const std::string& dataset,
                                               Instant logical_date) {
  return ManifestKeys(store, ManifestPrefix(layer, dataset, logical_date));
}

}  // namespace stargaze::lake
