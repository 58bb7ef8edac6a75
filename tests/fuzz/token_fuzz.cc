// The tokens that callers hand back: positions of the log, places of lists and of watches; and the traces they name.
// Promised: a token is taken only as it was given out; a list goes on from any place that a made-up token names, or
// refuses it, and never goes back.

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "services/attention_query.h"
#include "services/event_codec.h"
#include "services/event_list.h"
#include "services/log_position.h"
#include "services/standing_rows.h"
#include "services/trace_context.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/errors.pb.h"

namespace {

using fuzz::Require;

constexpr int kEvents = 20;
constexpr projections::Day kToday = 20'000;

// Two partnerships with a few events, and rows of the standing index.
std::unique_ptr<eventstore::MemoryStore> MakeStore() {
  auto store = std::make_unique<eventstore::MemoryStore>();
  for (int i = 0; i < kEvents; ++i) {
    trust::v1::Event event;
    event.set_recorder("acme");
    event.mutable_evidence()->mutable_feedback_given();
    eventstore::Append append;
    append.record_time = absl::FromUnixSeconds(1'700'000'000 + i);
    append.streams.push_back({i % 2 == 0 ? "alpha" : "beta", static_cast<uint64_t>(i / 2), {services::Encode(event)}});
    Require(store->Write(append).ok(), "events can be stored");
  }
  for (const char* const partnership : {"alpha", "beta"}) {
    trust::v1::StandingRow row;
    row.set_next_day(kToday + 1);
    row.add_organizations("acme");
    for (int kind = trust::v1::ATTENTION_KIND_LAPSE; kind <= trust::v1::AttentionKind_MAX; ++kind) {
      for (const char* const date : {"2024-10-01", "2024-10-04", "2024-11-02"}) {
        trust::v1::AttentionItem& item = *row.add_attention();
        item.set_kind(static_cast<trust::v1::AttentionKind>(kind));
        item.set_date(date);
        item.set_trustor("acme");
        item.set_trustee("bolt");
      }
    }
    Require(store->WriteRows(services::StandingWrites(partnership, std::nullopt, row)).ok(), "rows can be stored");
  }
  return store;
}

const eventstore::MemoryStore& Store() {
  static const auto* const store = MakeStore().release();
  return *store;
}

void RequireRefused(const absl::Status& status) {
  Require(status.code() == absl::StatusCode::kInvalidArgument, "a token is taken or refused");
  fuzz::RequireModest(status);
}

void ReadTokens(fuzz::Input& input) {
  const std::string arguments(input.Text());
  const fuzz::ExactCopy token(input.Rest());
  const auto position = services::ParseLogPosition(token.view());
  if (position.ok() && services::LogPositionToken(*position) != token.view()) {
    // Then the first programs made it.
    std::string body;
    Require(absl::WebSafeBase64Unescape(token.view(), &body) && absl::WebSafeBase64Escape(body) == token.view(),
            "a token is taken as it was given out");
    body.resize(9);
    const eventstore::Sha256Digest hash = eventstore::Sha256OfParts({"position", body});
    absl::StrAppend(&body, eventstore::AsBytes(hash).substr(0, 4));
    Require(absl::WebSafeBase64Escape(body) == token.view(), "a position has one token of each program");
  }
  fuzz::RequireModest(position.status());
  const auto place = services::ParsePageToken(token.view(), arguments);
  if (place.ok() && !token.view().empty()) {
    Require(services::PageToken(*place, arguments) == token.view(), "a place has one token");
  }
  fuzz::RequireModest(place.status());
  const auto trace = services::ParseTraceParent(token.view());
  if (trace.has_value()) {
    const std::string ids = absl::StrCat("-", trace->trace_id(), "-", trace->parent_span_id(), "-");
    Require(token.view().substr(2, ids.size()) == ids, "of a traceparent the ids are read as they stand there");
  }
}

void WriteTokens(fuzz::Input& input) {
  const uint64_t position = input.Number();
  const auto returned = services::ParseLogPosition(services::LogPositionToken(position));
  Require(returned.ok() && *returned == position, "a position is read as it was written");
  const std::string arguments(input.Text());
  const absl::string_view place = input.Rest();
  const std::string token = services::PageToken(place, arguments);
  if (token.size() > 4096) return;  // Longer than any place of a list.
  const auto read = services::ParsePageToken(token, arguments);
  Require(read.ok() && *read == place, "a place is read as it was written");
}

void ListEvents(fuzz::Input& input) {
  trust::v1::ListEventsRequest request;
  const bool of_one = input.Pick(2) == 1;
  if (of_one) request.set_partnership("alpha");
  request.set_page_size(1 + input.Pick(4));
  const std::string place(input.Rest());
  request.set_page_token(services::PageToken(place, absl::StrCat("ListEvents\n", request.partnership(), "\n0")));
  trust::v1::ListEventsResponse response;
  const absl::Status listed = services::ListEventsNow(Store(), request, &response);
  uint64_t after = 0;
  const bool is_place = place.empty() || absl::SimpleAtoi(place, &after);
  Require(listed.ok() == is_place, "a list goes on from any number");
  if (!listed.ok()) return RequireRefused(listed);
  for (const trust::v1::Event& event : response.events()) {
    const auto position = services::ParseLogPosition(event.log_position());
    Require(position.ok(), "an event has a position");
    Require((of_one ? static_cast<uint64_t>(event.revision()) : *position) == ++after, "a list goes on without a gap");
  }
}

void ListAttention(fuzz::Input& input) {
  trust::v1::ListAttentionRequest request;
  const bool of_one = input.Pick(2) == 1;
  if (of_one) request.set_partnership("alpha");
  request.set_page_size(1 + input.Pick(8));
  request.set_page_token(
      services::PageToken(input.Rest(), absl::StrCat("ListAttention\n", request.partnership(), "\n90")));
  for (int pages = 0;; ++pages) {
    Require(pages <= 100, "a list comes to its end");
    trust::v1::ListAttentionResponse response;
    const absl::Status listed = services::ListAttentionNow(Store(), kToday, request, &response);
    if (!listed.ok()) {
      Require(pages == 0, "a token that was given out is taken");
      return RequireRefused(listed);
    }
    if (response.next_page_token().empty()) return;
    request.set_page_token(response.next_page_token());
  }
}

// That the tokens which are made up here are those of the lists.
bool KnowArguments() {
  trust::v1::ListEventsRequest events;
  events.set_page_size(1);
  trust::v1::ListEventsResponse listed;
  Require(services::ListEventsNow(Store(), events, &listed).ok() &&
              listed.next_page_token() == services::PageToken("1", "ListEvents\n\n0"),
          "the tokens of ListEvents are known here");
  trust::v1::ListAttentionRequest attention;
  attention.set_page_size(1);
  trust::v1::ListAttentionResponse items;
  Require(services::ListAttentionNow(Store(), kToday, attention, &items).ok() &&
              services::ParsePageToken(items.next_page_token(), "ListAttention\n\n90").ok(),
          "the tokens of ListAttention are known here");
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool known = KnowArguments();
  (void)known;
  fuzz::Input input(data, size);
  switch (input.Pick(4)) {
    case 0:
      ReadTokens(input);
      break;
    case 1:
      WriteTokens(input);
      break;
    case 2:
      ListEvents(input);
      break;
    case 3:
      ListAttention(input);
      break;
  }
  return 0;
}
