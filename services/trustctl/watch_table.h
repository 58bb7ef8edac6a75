// What a watch tells, as a table: a change a row, or an event a row. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_WATCH_TABLE_H_
#define SERVICES_TRUSTCTL_WATCH_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "services/trustctl/console.h"
#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

class TrustWatchTable {
 public:
  TrustWatchTable();

  // How many readings or changes a message tells; 0 when it is only a sign of life.
  static int CountOf(const trust::v1::WatchTrustResponse& message);

  // Adds the rows of a message.
  void Add(const trust::v1::WatchTrustResponse& message);
  // Shows the message on a console for people as rows, those of a snapshot once the next message comes or Print is
  // called; on one of JSON as it is, and keeps nothing of it.
  void Show(const trust::v1::WatchTrustResponse& message, const Console& console);
  void Print(const Console& console) { table_.Print(console); }

  // The rows that wait to be printed.
  size_t waiting() const { return table_.waiting(); }

 private:
  Table table_;
};

class EventWatchTable {
 public:
  EventWatchTable();

  // Shows a message as TrustWatchTable does; of its events at most so many, on a console of JSON all. Returns how many
  // that were.
  int64_t Show(const trust::v1::WatchEventsResponse& message, int64_t events_max, const Console& console);

  size_t waiting() const { return table_.waiting(); }

 private:
  Table table_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_WATCH_TABLE_H_
