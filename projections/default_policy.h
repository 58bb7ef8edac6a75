// The text of the policy that the program comes with, as the build found it in projections/policies/.

#ifndef PROJECTIONS_DEFAULT_POLICY_H_
#define PROJECTIONS_DEFAULT_POLICY_H_

namespace projections {

extern const char kDefaultPolicyJson[];

}  // namespace projections

#endif  // PROJECTIONS_DEFAULT_POLICY_H_
