#include "services/personal_data.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/log.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {
namespace {

constexpr absl::string_view kNoteField = "note";
constexpr absl::string_view kProfileField = "profile";
constexpr int kStoreRetryMs = 1'000;

// No contact's id begins so. Holds a key that nothing is sealed with, to tell one key-encryption key from another.
constexpr char kCheckId[] = "$key-encryption-key";

absl::Status KeysUnavailable(const absl::Status& status) {
  Log(LogLevel::kError, "the key store failed",
      {{"code", absl::StatusCodeToString(status.code())}, {"detail", std::string(status.message())}});
  if (absl::IsResourceExhausted(status)) {
    return domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_STORAGE_FULL,
                         "the disk of the key store is full; nothing was stored; repeat when there is room", {},
                         10 * kStoreRetryMs);
  }
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_KEYS_UNAVAILABLE,
                       "the key store failed, so that nothing personal can be taken in or read; tell the operator", {},
                       kStoreRetryMs);
}

// The field that a part of the record holds: an assignment's is its profile, any other event's its note.
absl::string_view FieldOf(const trust::v1::Event& event) {
  return event.has_contact_assigned() ? kProfileField : kNoteField;
}

// Strings of messages are not wiped by themselves.
void SerializeAndSeal(const SecretKey& key, const std::string& contact, const SealedPlace& place,
                      const google::protobuf::Message& message, absl::StatusOr<eventstore::SealedPart>* part) {
  std::string text = message.SerializeAsString();
  *part = Seal(key, contact, place, text);
  Wipe(&text);
}

}  // namespace

absl::Status SealPersonalData(absl::string_view stream, const PersonalKeys& keys, trust::v1::Event* event,
                              std::vector<eventstore::SealedPart>* sealed, trust::v1::Event* clear) {
  if (!event->has_note() && !event->has_profile()) return absl::OkStatus();
  const std::string& contact = event->has_profile() ? event->contact_assigned().contact() : event->note().contact();
  const SecretKey* key = nullptr;
  for (const auto& [owner, of_owner] : keys) {
    if (owner == contact) key = of_owner.get();
  }
  if (key == nullptr) return ReadFault(absl::InternalError("a person's key was not fetched for a command about it"));
  const SealedPlace place = {stream, static_cast<uint64_t>(event->revision()), FieldOf(*event)};
  absl::StatusOr<eventstore::SealedPart> part = absl::InternalError("nothing is sealed");
  if (event->has_profile()) {
    SerializeAndSeal(*key, contact, place, event->profile(), &part);
  } else {
    SerializeAndSeal(*key, contact, place, event->note(), &part);
  }
  if (!part.ok()) return ReadFault(part.status());
  sealed->push_back(*std::move(part));
  if (event->has_note()) clear->set_allocated_note(event->release_note());
  if (event->has_profile()) clear->set_allocated_profile(event->release_profile());
  return absl::OkStatus();
}

PersonalData::PersonalData(const eventstore::EventStore* store, eventstore::KeyStore* keys,
                           std::shared_ptr<const SecretKey> key_encryption_key)
    : store_(store), keys_(keys), key_encryption_key_(std::move(key_encryption_key)) {}

absl::Status PersonalData::Prepare() {
  if (absl::Status checked = CheckKeyEncryptionKey(); !checked.ok()) return checked;
  return DestroyErased();
}

absl::Status PersonalData::CheckKeyEncryptionKey() {
  const absl::StatusOr<std::optional<std::string>> check = keys_->Get(kCheckId);
  if (!check.ok()) return check.status();
  if (check->has_value()) {
    if (key_encryption_key_ == nullptr) {
      return absl::FailedPreconditionError(
          "the keys of personal data are wrapped by a key-encryption key; name its file with "
          "--key_encryption_key_file");
    }
    if (UnwrapKey(**check, kCheckId, key_encryption_key_.get()) == nullptr) {
      return absl::FailedPreconditionError(
          "the keys of personal data are wrapped by another key-encryption key than that of "
          "--key_encryption_key_file; name the file with theirs");
    }
    return absl::OkStatus();
  }
  return key_encryption_key_ == nullptr ? absl::OkStatus() : WrapKeysInClear();
}

// The check is written last: a crash before it has the next start do all of this again.
absl::Status PersonalData::WrapKeysInClear() {
  std::vector<std::string> ids;
  absl::Status done = keys_->ListIds("", [&](absl::string_view id) {
    ids.emplace_back(id);
    return true;
  });
  if (!done.ok()) return done;
  for (const std::string& id : ids) {
    absl::StatusOr<std::optional<std::string>> kept = keys_->Get(id);
    if (!kept.ok()) return kept.status();
    if (!kept->has_value() || IsWrapped(**kept) != false) continue;
    const std::shared_ptr<const SecretKey> key = UnwrapKey(**kept, id, nullptr);
    Wipe(&**kept);
    const absl::StatusOr<std::string> wrapped = WrapKey(*key, id, key_encryption_key_.get());
    if (!wrapped.ok()) return wrapped.status();
    done = keys_->Put(id, *wrapped);
    if (!done.ok()) return done;
  }
  if (!ids.empty()) done = keys_->Erase({});  // Of the keys in clear that were overwritten.
  if (!done.ok()) return done;
  const absl::StatusOr<std::shared_ptr<const SecretKey>> nobodys = SecretKey::Random();
  if (!nobodys.ok()) return nobodys.status();
  const absl::StatusOr<std::string> check = WrapKey(**nobodys, kCheckId, key_encryption_key_.get());
  if (!check.ok()) return check.status();
  return keys_->Put(kCheckId, *check);
}

absl::Status PersonalData::DestroyErased() {
  std::vector<std::string> left;
  absl::Status failure;
  trust::v1::Event event;
  const absl::Status read = store_->ReadStream(kContactStream, 0, [&](const eventstore::RecordedEvent& record) {
    failure = Decode(record, false, &event);
    if (!failure.ok()) return false;
    if (!event.has_personal_data_erased()) return true;
    const std::string& contact = event.personal_data_erased().contact();
    const absl::StatusOr<std::optional<std::string>> key = keys_->Get(contact);
    if (!key.ok()) failure = key.status();
    if (key.ok() && key->has_value()) left.push_back(contact);
    return failure.ok();
  });
  if (!failure.ok()) return failure;
  if (!read.ok()) return read;
  if (left.empty()) return absl::OkStatus();
  const std::lock_guard<std::mutex> lock(changing_);
  const absl::Status erased = keys_->Erase(left);
  if (erased.ok()) {
    Log(LogLevel::kInfo, "finished erasures that were recorded before", {{"count", absl::StrCat(left.size())}});
  }
  return erased;
}

absl::StatusOr<std::shared_ptr<const SecretKey>> PersonalData::Find(absl::string_view contact) const {
  absl::StatusOr<std::optional<std::string>> kept = keys_->Get(contact);
  if (!kept.ok()) return kept.status();
  if (!kept->has_value()) return std::shared_ptr<const SecretKey>();
  std::shared_ptr<const SecretKey> key = UnwrapKey(**kept, contact, key_encryption_key_.get());
  Wipe(&**kept);
  if (key == nullptr) return absl::DataLossError("a key is damaged, or another key-encryption key wrapped it");
  return key;
}

absl::StatusOr<std::shared_ptr<const SecretKey>> PersonalData::Obtain(const std::string& contact) {
  const std::lock_guard<std::mutex> lock(changing_);
  const absl::StatusOr<std::optional<trust::v1::Erasure>> erasure = ErasureOf(contact);
  if (!erasure.ok()) return erasure.status();
  if (erasure->has_value()) return std::shared_ptr<const SecretKey>();
  absl::StatusOr<std::shared_ptr<const SecretKey>> key = Find(contact);
  if (!key.ok()) return KeysUnavailable(key.status());
  if (*key != nullptr) return key;
  key = SecretKey::Random();
  if (!key.ok()) return KeysUnavailable(key.status());
  absl::StatusOr<std::string> kept = WrapKey(**key, contact, key_encryption_key_.get());
  if (!kept.ok()) return KeysUnavailable(kept.status());
  const absl::Status put = keys_->Put(contact, *kept);
  Wipe(&*kept);
  if (!put.ok()) return KeysUnavailable(put);
  return key;
}

absl::StatusOr<bool> PersonalData::Knows(absl::string_view contact) const {
  absl::StatusOr<std::optional<std::string>> kept = keys_->Get(contact);
  if (!kept.ok()) return KeysUnavailable(kept.status());
  if (!kept->has_value()) return false;
  Wipe(&**kept);
  return true;
}

absl::StatusOr<std::optional<trust::v1::Erasure>> PersonalData::ErasureOf(absl::string_view contact) const {
  const absl::StatusOr<std::optional<std::string>> row = store_->GetRow(kErasureTable, contact);
  if (!row.ok()) return ReadFault(row.status());
  if (!row->has_value()) return std::optional<trust::v1::Erasure>();
  trust::v1::Erasure erasure;
  if (!erasure.ParseFromString(**row)) return ReadFault(absl::DataLossError("the row of an erasure is not an erasure"));
  return std::optional<trust::v1::Erasure>(std::move(erasure));
}

absl::Status PersonalData::Reveal(const eventstore::RecordedEvent& record, trust::v1::Event* event) const {
  for (const eventstore::SealedView& part : record.sealed) {
    absl::StatusOr<std::optional<trust::v1::Erasure>> erasure = ErasureOf(part.key_id);
    if (!erasure.ok()) return erasure.status();
    if (erasure->has_value()) {
      *event->mutable_erasure() = **std::move(erasure);
      continue;
    }
    const absl::StatusOr<std::shared_ptr<const SecretKey>> key = Find(part.key_id);
    if (!key.ok() && !absl::IsDataLoss(key.status())) return KeysUnavailable(key.status());
    std::optional<std::string> text;
    const absl::string_view field = FieldOf(*event);
    if (key.ok() && *key != nullptr) {
      const SealedPlace place = {record.stream, record.revision, field};
      text = Unseal(**key, part.key_id, place, part.nonce, part.ciphertext);
    }
    const bool read = text && (field == kProfileField ? event->mutable_profile()->ParseFromString(*text)
                                                      : event->mutable_note()->ParseFromString(*text));
    if (text) Wipe(&*text);
    if (read) continue;
    event->set_unreadable(true);
    Log(LogLevel::kError,
        "a sealed part of an event cannot be read; is the key store the one that belongs to this log?",
        {{"position", absl::StrCat(record.position)}});
  }
  return absl::OkStatus();
}

absl::Status PersonalData::Destroy(const std::string& contact) {
  const std::lock_guard<std::mutex> lock(changing_);
  // Without looking whether it is there: a destruction that failed half way has hidden it and left its bytes.
  const absl::Status erased = keys_->Erase({contact});
  if (erased.ok()) return absl::OkStatus();
  Log(LogLevel::kError, "an erasure is recorded, and its key could not be destroyed",
      {{"code", absl::StatusCodeToString(erased.code())}, {"detail", std::string(erased.message())}});
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_ERASURE_UNFINISHED,
                       "the erasure is recorded, so nothing of the person is shown any more, but the key could not be "
                       "destroyed yet; repeat it when the key store can be written",
                       {}, 10 * kStoreRetryMs);
}

}  // namespace services
