// What commands about policies are judged against: which labels are taken, and what is in force. A fold of the events
// of the policies' stream; a plain value. Not synchronised.

#ifndef PROJECTIONS_POLICY_BOOK_H_
#define PROJECTIONS_POLICY_BOOK_H_

#include <cstddef>
#include <string>

#include "absl/container/btree_map.h"
#include "trust/v1/events.pb.h"

namespace projections {

struct PolicyBook {
  absl::btree_map<std::string, std::string> published;  // Version label -> SHA-256 as 32 bytes.
  std::string in_force;                                 // The SHA-256 last activated; empty before the first.
};

// Total: takes any event, and passes over those of other kinds and documents without a label.
void Evolve(PolicyBook& book, const trust::v1::Event& event);

// An estimate, linear in the number of policies.
size_t MemoryBytes(const PolicyBook& book);

}  // namespace projections

#endif  // PROJECTIONS_POLICY_BOOK_H_
