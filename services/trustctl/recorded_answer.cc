#include "services/trustctl/recorded_answer.h"

#include <algorithm>

namespace trustctl {

void PrintOutsider(const std::string& recorder, const std::string& partnership, bool third_party, bool validate_only,
                   Session& session) {
  trust::v1::GetPartnershipRequest request;
  request.set_partnership(partnership);
  const auto answer = session.connection.GetPartnership(request);
  if (!answer.ok()) return;
  const auto& partners = answer->partnership().partners();
  if (std::any_of(partners.begin(), partners.end(),
                  [&](const trust::v1::Partner& partner) { return partner.organization() == recorder; })) {
    return;
  }
  session.console.out << (validate_only ? "It would be recorded" : "Recorded") << " by " << Printable(recorder)
                      << ", who is no partner of " << Printable(partnership)
                      << (third_party ? ": as a third party's word.\n" : ".\n");
}

}  // namespace trustctl
