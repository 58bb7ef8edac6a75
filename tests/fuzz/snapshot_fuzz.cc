// The bytes of a snapshot. Promised: whatever they are, there is a history or none, and one that there is can be read
// and takes events; what it saves is taken up again.

#include <memory>
#include <string>

#include "projections/assessed_reading.h"
#include "projections/open_matters.h"
#include "projections/policy.h"
#include "projections/stored_event.h"
#include "projections/trust_history.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/trust_service.pb.h"

namespace {

using projections::TrustHistory;

constexpr size_t kPartnersMax = 4;  // Readings grow with the square.

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const projections::Policy> policy = projections::Policy::Default();
  fuzz::Input input(data, size);
  const bool hindsight = input.Pick(2) == 1;
  const trust::v1::View view = hindsight ? trust::v1::VIEW_HINDSIGHT : trust::v1::VIEW_HELD;
  const projections::Day as_of = static_cast<projections::Day>(input.Number(2)) - 10'000;
  const absl::string_view payload = input.Text(2);
  const fuzz::ExactCopy bytes(input.Rest());
  const std::unique_ptr<TrustHistory> history = TrustHistory::Restore(bytes.view(), "alpha", policy, "policy", view);
  if (history == nullptr || history->partners().size() > kPartnersMax) return 0;
  trust::v1::AssessTrustResponse reading;
  projections::ReadAssessed(*history, "", "", as_of, hindsight, &reading);
  projections::ReadOpenMatters(history->conduct(), as_of);
  trust::v1::Event event;
  const uint64_t next = static_cast<uint64_t>(history->revision()) + 1;
  if (projections::ReadStoredEvent("alpha", next, 0, payload, &event)) history->Apply(event);
  projections::ReadAssessed(*history, "", "", as_of, hindsight, &reading);
  fuzz::Require(TrustHistory::Restore(history->Save("policy"), "alpha", policy, "policy", view) != nullptr,
                "what is saved is taken up");
  return 0;
}
