#include "projections/assessed_reading.h"

#include "projections/effectiveness.h"

namespace projections {

void ReadAssessed(TrustHistory& history, absl::string_view trustor, absl::string_view trustee, Day as_of,
                  bool hindsight, trust::v1::AssessTrustResponse* reading) {
  reading->set_partnership(history.partnership());
  reading->set_revision(history.revision());
  reading->set_as_of_date(FormatDay(as_of));
  const auto read = [&](absl::string_view from, absl::string_view to) {
    trust::v1::DirectionReading& direction = *reading->add_directions();
    direction = history.Read(from, to, as_of);
    ReadStatedTrust(history.conduct(), as_of, hindsight, &direction);
  };
  if (!trustor.empty()) return read(trustor, trustee);
  for (const std::string& from : history.partners()) {
    for (const std::string& to : history.partners()) {
      if (from != to) read(from, to);
    }
  }
  *reading->mutable_whole() = history.ReadWhole(as_of);
}

}  // namespace projections
