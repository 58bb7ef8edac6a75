// The SHA-256 of the sources that make a folded history of stored records, in hexadecimal: what two builds must have in
// common for one to take up what the other has folded.

#ifndef SERVICES_FOLD_FINGERPRINT_H_
#define SERVICES_FOLD_FINGERPRINT_H_

namespace services {

extern const char kFoldFingerprint[];

}  // namespace services

#endif  // SERVICES_FOLD_FINGERPRINT_H_
