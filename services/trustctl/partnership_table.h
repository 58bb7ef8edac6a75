// One partnership and one contact as tables. Pure.

#ifndef SERVICES_TRUSTCTL_PARTNERSHIP_TABLE_H_
#define SERVICES_TRUSTCTL_PARTNERSHIP_TABLE_H_

#include "services/trustctl/console.h"
#include "trust/v1/partnership_service.pb.h"

namespace trustctl {

void PrintPartnership(const trust::v1::Partnership& partnership, const Console& console);

void PrintContact(const trust::v1::GetContactResponse& contact, const Console& console);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_PARTNERSHIP_TABLE_H_
