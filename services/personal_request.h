// Where the requests of commands have personal data: of whom, and what must stay out of fingerprints. Pure.

#ifndef SERVICES_PERSONAL_REQUEST_H_
#define SERVICES_PERSONAL_REQUEST_H_

#include <algorithm>
#include <string>
#include <vector>

namespace services {

// The contacts whose personal data a request brings, each once.
template <class Request>
std::vector<std::string> PersonsIn(const Request& request) {
  std::vector<std::string> contacts;
  if constexpr (requires { request.has_note(); }) {
    if (request.has_note()) contacts.push_back(request.note().contact());
  }
  if constexpr (requires { request.has_profile(); }) {
    if (request.has_profile()) contacts.push_back(request.contact());
  }
  if constexpr (requires { request.items(0).has_note(); }) {
    for (const auto& item : request.items()) {
      if (item.has_note()) contacts.push_back(item.note().contact());
    }
  }
  std::sort(contacts.begin(), contacts.end());
  contacts.erase(std::unique(contacts.begin(), contacts.end()), contacts.end());
  return contacts;
}

// Leaves of notes whom they are about, and of profiles nothing.
template <class Request>
void ClearPersonalText(Request* request) {
  if constexpr (requires { request->has_note(); }) {
    if (request->has_note()) request->mutable_note()->clear_text();
  }
  if constexpr (requires { request->has_profile(); }) request->clear_profile();
  if constexpr (requires { request->items(0).has_note(); }) {
    for (auto& item : *request->mutable_items()) {
      if (item.has_note()) item.mutable_note()->clear_text();
    }
  }
}

}  // namespace services

#endif  // SERVICES_PERSONAL_REQUEST_H_
