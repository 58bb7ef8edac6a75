#include "projections/policy_book.h"

#include "google/protobuf/util/json_util.h"
#include "trust/v1/policy.pb.h"

namespace projections {

void Evolve(PolicyBook& book, const trust::v1::Event& event) {
  if (event.has_policy_activated()) book.in_force = event.policy_activated().policy_sha256();
  if (!event.has_policy_published()) return;
  trust::v1::PolicyDocument document;
  const bool read = google::protobuf::util::JsonStringToMessage(event.policy_published().document(), &document).ok();
  if (read && !document.version().empty()) book.published[document.version()] = event.policy_published().sha256();
}

size_t MemoryBytes(const PolicyBook& book) {
  size_t bytes = book.in_force.capacity();
  for (const auto& [version, sha256] : book.published)
    bytes += 2 * sizeof(std::string) + version.size() + sha256.size();
  return bytes;
}

}  // namespace projections
