// What needs care across partnerships, read from the standing index alone. Blocks on the disk: for the pool.

#ifndef SERVICES_ATTENTION_QUERY_H_
#define SERVICES_ATTENTION_QUERY_H_

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "projections/day.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

// The shape of the question: every wrong field at once.
absl::Status Check(const trust::v1::ListAttentionRequest& request);

// A page of items as of the index's day. It reads about as many rows as it returns, times the kinds asked for. A list
// that goes on over midnight stays about the day on which it began.
// Errors: PARTNERSHIP_NOT_FOUND, INVALID_PAGE_TOKEN, LOG_DAMAGED, INTERNAL.
absl::Status ListAttentionNow(const eventstore::EventStore& store, projections::Day today,
                              const trust::v1::ListAttentionRequest& request,
                              trust::v1::ListAttentionResponse* response);

}  // namespace services

#endif  // SERVICES_ATTENTION_QUERY_H_
