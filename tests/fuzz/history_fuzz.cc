// A history of whatever events the log can hold. Promised: folds take every event in any order; the same events give
// the same reading, however they were read between; scores are whole numbers from 0 to 10,000.

#include <memory>
#include <string>
#include <vector>

#include "projections/assessed_reading.h"
#include "projections/partnership.h"
#include "projections/policy.h"
#include "projections/stored_event.h"
#include "projections/trust_history.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/trust_service.pb.h"

namespace {

using fuzz::Require;

constexpr size_t kEventsMax = 40;
constexpr size_t kPartnersMax = 4;  // Readings grow with the square.

std::vector<trust::v1::Event> EventsOf(fuzz::Input& input) {
  std::vector<trust::v1::Event> events;
  size_t partners = 0;
  while (!input.empty() && events.size() < kEventsMax) {
    const int64_t record_time_us = static_cast<int64_t>(input.Number());
    trust::v1::Event event;
    if (!projections::ReadStoredEvent("alpha", events.size() + 1, record_time_us, input.Text(2), &event)) continue;
    partners +=
        static_cast<size_t>(event.partnership_proposed().partners_size()) + (event.has_partner_joined() ? 1 : 0);
    if (partners > kPartnersMax) break;
    events.push_back(std::move(event));
  }
  return events;
}

std::string ReadingOf(projections::TrustHistory& history, projections::Day as_of, bool hindsight) {
  trust::v1::AssessTrustResponse reading;
  projections::ReadAssessed(history, "", "", as_of, hindsight, &reading);
  for (const trust::v1::DirectionReading& direction : reading.directions()) {
    for (const trust::v1::FacetReading& facet : direction.facets()) {
      Require(facet.score_bp() >= 0 && facet.score_bp() <= 10'000, "a score is from 0 to 10,000");
    }
  }
  return reading.SerializeAsString();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const projections::Policy> policy = projections::Policy::Default();
  fuzz::Input input(data, size);
  const bool hindsight = input.Pick(2) == 1;
  // Within the years that a question can name.
  const projections::Day as_of = static_cast<projections::Day>(input.Number(2)) - 10'000;
  const trust::v1::View view = hindsight ? trust::v1::VIEW_HINDSIGHT : trust::v1::VIEW_HELD;
  const std::vector<trust::v1::Event> events = EventsOf(input);

  projections::Partnership partnership;
  projections::TrustHistory history("alpha", policy, view);
  projections::TrustHistory read_between("alpha", policy, view);
  for (size_t i = 0; i < events.size(); ++i) {
    projections::Evolve(partnership, events[i]);
    history.Apply(events[i]);
    read_between.Apply(events[i]);
    if (i == events.size() / 2) ReadingOf(read_between, as_of, hindsight);
  }
  const std::string reading = ReadingOf(history, as_of, hindsight);
  Require(reading == ReadingOf(read_between, as_of, hindsight), "a reading does not depend on those before it");
  ReadingOf(history, history.latest_record_day(), hindsight);
  Require(reading == ReadingOf(history, as_of, hindsight), "a reading can be repeated");
  return 0;
}
