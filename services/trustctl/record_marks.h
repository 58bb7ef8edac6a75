// What later events say of records: that one was corrected, retracted, contested or confirmed, and by which event. Not
// thread-safe.

#ifndef SERVICES_TRUSTCTL_RECORD_MARKS_H_
#define SERVICES_TRUSTCTL_RECORD_MARKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trust/v1/events.pb.h"

namespace trustctl {

class RecordMarks {
 public:
  // The kinds of event that say something of a record, as ListEventsRequest names them.
  static const std::vector<std::string>& Kinds();

  // Takes what the event says of another; nothing for an event that says nothing of one, or was learned before. Events
  // of one partnership, in the order of recording.
  void Learn(const trust::v1::Event& event);

  // "corrected by 10, contested by 12" for the event of that revision, as far as was learned; often empty. The last
  // correction or retraction alone is in force and named.
  std::string Of(int64_t revision) const;

 private:
  struct Mark {
    const char* said;
    int64_t by;
  };

  std::map<int64_t, std::vector<Mark>> marks_;
  std::map<int64_t, int64_t> remark_about_;  // The record that a contest or a confirmation is about, by its revision.
  int64_t learned_ = 0;                      // The last revision that was learned.
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_MARKS_H_
