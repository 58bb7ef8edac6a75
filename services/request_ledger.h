// The rows that make commands and imports safe to repeat: which request id, and which external id, made which events
// from which content. Written with the events they tell of, in the same atom. Pure.

#ifndef SERVICES_REQUEST_LEDGER_H_
#define SERVICES_REQUEST_LEDGER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace services {

inline constexpr char kRequestTable[] = "requests";         // Request id, lower case -> Deed.
inline constexpr char kExternalIdTable[] = "external_ids";  // ExternalIdKey -> Deed.

// What a request id or an external id made.
struct Deed {
  std::string fingerprint;  // kFingerprintBytes.
  std::string partnership;
  int64_t first_revision = 0;
  int64_t event_count = 0;
};

inline constexpr size_t kFingerprintBytes = 16;

std::string EncodeDeed(const Deed& deed);

// nullopt when the bytes are not of EncodeDeed.
std::optional<Deed> DecodeDeed(absl::string_view bytes);

std::string ExternalIdKey(absl::string_view partnership, absl::string_view external_id);

// A fingerprint of what a message says, under the name of the method it is for. Fields that do not belong to the
// content are cleared by the caller first. Stable as long as field numbers are: messages here hold no maps, and fields
// that a later version adds leave older content as it was.
std::string Fingerprint(absl::string_view method, const google::protobuf::Message& content);

}  // namespace services

#endif  // SERVICES_REQUEST_LEDGER_H_
