// Which events a reader of the history wants: of which streams and kinds, recorded by whom, concerning whom. Pure;
// thread-safe once made.

#ifndef SERVICES_EVENT_FILTER_H_
#define SERVICES_EVENT_FILTER_H_

#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "services/query_checks.h"
#include "trust/v1/events.pb.h"

namespace services {

inline constexpr int kFilteredPartnershipsMax = 1000;
inline constexpr int kFilteredKindsMax = 100;

class EventFilter {
 public:
  // Every event of partnerships, and those of policies.
  EventFilter() = default;

  // The filter that a request asks for; notes what is wrong with it.
  template <class Request>
  static EventFilter Of(const Request& request, QueryChecks& checks) {
    EventFilter filter;
    filter.SetKinds(request.kinds(), checks);
    filter.SetOrganizations(request.organization(), request.recorder(), checks);
    filter.include_system_ = request.include_system();
    if constexpr (requires { request.partnerships(); }) {
      filter.SetPartnerships(request.partnerships(), !request.partnership().empty(), checks);
    }
    if (request.include_system() && (!request.partnership().empty() || !filter.partnerships_.empty())) {
      checks.Wrong("include_system", "goes with the whole log only; leave it out beside partnerships");
    }
    return filter;
  }

  // Whether an event can pass, by what its record says beside the payload.
  bool MayPass(absl::string_view stream, absl::string_view type) const;
  // Whether an event passes that may.
  bool Passes(const trust::v1::Event& event) const;
  // Whether every event that may pass does, so that the payload need not be looked at.
  bool GoesByRecord() const { return organization_.empty() && recorder_.empty(); }

  // The filter in one line, the same for equal filters; empty for one that was not given.
  std::string Text() const;

 private:
  void SetKinds(const google::protobuf::RepeatedPtrField<std::string>& kinds, QueryChecks& checks);
  void SetOrganizations(const std::string& organization, const std::string& recorder, QueryChecks& checks);
  void SetPartnerships(const google::protobuf::RepeatedPtrField<std::string>& partnerships, bool of_one,
                       QueryChecks& checks);

  absl::btree_set<std::string> partnerships_;  // Empty: all.
  absl::btree_set<std::string> kinds_;   // Empty: all. One that ends with a dot stands for all that begin with it.
  std::string organization_, recorder_;  // Empty: any.
  bool include_system_ = false;
};

// Whether an organization recorded an event or is named in it.
bool ConcernsOrganization(const trust::v1::Event& event, absl::string_view organization);

// Every kind of event by the name that EventType gives it, in ascending order.
const std::vector<std::string>& EventKinds();

}  // namespace services

#endif  // SERVICES_EVENT_FILTER_H_
