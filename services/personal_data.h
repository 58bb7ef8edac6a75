// The personal data of the log: sealed on its way in, opened on its way out, and gone once a person is erased.
//
// Each person (a contact, the same in all partnerships) has one key, in a store of its own. A command's keys are
// fetched before the lane, which does no I/O for them and seals by them; an event is opened where it is answered, and
// nowhere kept: no cache, index or folded history holds a text or a key. That a person is erased stands in the log, and
// in a row that is written with it; from then on nothing of the person is opened, whether its key is destroyed yet or
// not. Thread-safe.

#ifndef SERVICES_PERSONAL_DATA_H_
#define SERVICES_PERSONAL_DATA_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "eventstore/key_store.h"
#include "services/vault.h"
#include "trust/v1/events.pb.h"

namespace services {

inline constexpr char kErasureTable[] = "erasures";  // Contact -> trust.v1.Erasure.
inline constexpr char kProfileTable[] = "profiles";  // ContactKey -> the revision that holds the last profile.

// The keys that a command seals with, by contact. They live as long as the command.
using PersonalKeys = std::vector<std::pair<std::string, std::shared_ptr<const SecretKey>>>;

// Moves an event's personal data into sealed parts. What was taken out is left in clear, an event with nothing else.
// REQUIRES: the revision is set; keys holds the contact's. Errors: INTERNAL.
absl::Status SealPersonalData(absl::string_view stream, const PersonalKeys& keys, trust::v1::Event* event,
                              std::vector<eventstore::SealedPart>* sealed, trust::v1::Event* clear);

class PersonalData {
 public:
  // store and keys outlive it. Without a key-encryption key the keys are kept in clear.
  PersonalData(const eventstore::EventStore* store, eventstore::KeyStore* keys,
               std::shared_ptr<const SecretKey> key_encryption_key);

  // Before anything is served: checks the key-encryption key, wraps what was kept in clear before there was one, and
  // destroys the key of every erased person that has one still. Blocks. Errors: FAILED_PRECONDITION for the wrong
  // key-encryption key, or none where there was one; LOG_DAMAGED, INTERNAL; those of the key store.
  [[nodiscard]] absl::Status Prepare();

  // The key of a person, made durable first when there is none; null when the person is erased. Blocks.
  // Errors: KEYS_UNAVAILABLE, STORAGE_FULL, LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<const SecretKey>> Obtain(const std::string& contact);

  // Whether a person has a key, so that something of it may be in the log. Blocks. Errors: KEYS_UNAVAILABLE.
  [[nodiscard]] absl::StatusOr<bool> Knows(absl::string_view contact) const;

  // That a person was erased; nullopt when it was not. Blocks. Errors: LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::StatusOr<std::optional<trust::v1::Erasure>> ErasureOf(absl::string_view contact) const;

  // Fills in what a record holds sealed: note or profile, or erasure, or unreadable. Blocks when there is any.
  // Errors: KEYS_UNAVAILABLE, LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::Status Reveal(const eventstore::RecordedEvent& record, trust::v1::Event* event) const;

  // Destroys the key of a person whose erasure is durable; when it returns, no file of the key store holds it. One that
  // is not there is fine. Blocks, for the rewriting of the whole key store. Errors: ERASURE_UNFINISHED.
  [[nodiscard]] absl::Status Destroy(const std::string& contact);

 private:
  absl::Status CheckKeyEncryptionKey();
  absl::Status WrapKeysInClear();
  absl::Status DestroyErased();
  absl::StatusOr<std::shared_ptr<const SecretKey>> Find(absl::string_view contact) const;

  const eventstore::EventStore* const store_;
  eventstore::KeyStore* const keys_;
  const std::shared_ptr<const SecretKey> key_encryption_key_;
  // Held over the disk, while a key is made or destroyed: else one could be made for a person just erased.
  std::mutex changing_;
};

}  // namespace services

#endif  // SERVICES_PERSONAL_DATA_H_
