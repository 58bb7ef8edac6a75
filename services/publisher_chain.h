// Tells several publishers of everything that became durable, one after the other.

#ifndef SERVICES_PUBLISHER_CHAIN_H_
#define SERVICES_PUBLISHER_CHAIN_H_

#include <string>
#include <utility>
#include <vector>

#include "services/command_lane.h"

namespace services {

class PublisherChain final : public Publisher {
 public:
  // The publishers outlive the chain and are told in this order.
  explicit PublisherChain(std::vector<Publisher*> publishers) : publishers_(std::move(publishers)) {}

  void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override {
    for (Publisher* publisher : publishers_) publisher->Publish(partnership, events);
  }

 private:
  const std::vector<Publisher*> publishers_;
};

}  // namespace services

#endif  // SERVICES_PUBLISHER_CHAIN_H_
