#include "projections/contact_book.h"

namespace projections {

void Evolve(ContactBook& book, const trust::v1::Event& event) {
  if (event.has_legal_hold_placed()) book.held.insert(event.legal_hold_placed().contact());
  if (event.has_legal_hold_released()) book.held.erase(event.legal_hold_released().contact());
  if (event.has_personal_data_erased()) book.erased.insert(event.personal_data_erased().contact());
}

size_t MemoryBytes(const ContactBook& book) {
  // A set's element, and what a long id keeps beside it.
  constexpr size_t kContactBytes = 96;
  return (book.held.size() + book.erased.size()) * kContactBytes;
}

}  // namespace projections
