// What commands about personal data are judged against: whose data are under a legal hold, and whose are erased. A fold
// of the events of the contacts' stream; a plain value. Not synchronised.

#ifndef PROJECTIONS_CONTACT_BOOK_H_
#define PROJECTIONS_CONTACT_BOOK_H_

#include <cstddef>
#include <string>

#include "absl/container/btree_set.h"
#include "trust/v1/events.pb.h"

namespace projections {

struct ContactBook {
  absl::btree_set<std::string> held;    // Under a legal hold.
  absl::btree_set<std::string> erased;  // For ever.
};

// Total: takes any event, and passes over those of other kinds.
void Evolve(ContactBook& book, const trust::v1::Event& event);

// An estimate, in constant time.
size_t MemoryBytes(const ContactBook& book);

}  // namespace projections

#endif  // PROJECTIONS_CONTACT_BOOK_H_
