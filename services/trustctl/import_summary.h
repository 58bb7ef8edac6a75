// What became of an import: counts by file and partnership, and the first of the rejected items and of the warnings, so
// that memory stays bounded however long the import is. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_IMPORT_SUMMARY_H_
#define SERVICES_TRUSTCTL_IMPORT_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/trustctl/console.h"
#include "services/trustctl/import_spool.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

class ImportSummary {
 public:
  // files are the names as they are printed.
  explicit ImportSummary(std::vector<std::string> files) : files_(std::move(files)) {}

  void Add(const SpooledItem& item, const trust::v1::ImportResult& result);

  // Prints the table, then the rejected items with file and line, then the warnings.
  void Print(const Console& console) const;

  int64_t answered() const { return total_.created + total_.unchanged + total_.rejected; }
  int64_t created() const { return total_.created; }
  int64_t rejected() const { return total_.rejected; }

 private:
  struct Counts {
    int64_t created = 0;
    int64_t unchanged = 0;
    int64_t rejected = 0;
    int64_t warnings = 0;
  };

  void PrintTable(const Console& console) const;

  const std::vector<std::string> files_;
  std::map<std::pair<int, std::string>, Counts> counts_;
  Counts total_;
  Counts beyond_;  // Of partnerships that have no row of their own.
  std::vector<std::string> rejections_;
  std::vector<std::string> warnings_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_SUMMARY_H_
