#include "eventstore/log_verifier.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"

namespace eventstore {
namespace {

using Kind = LogFinding::Kind;

constexpr size_t kStreamsAtATime = 256;
// A head may say any number: so many records in a row that are not there are not looked for one by one.
constexpr uint64_t kFailuresInARowMax = 1000;

// Whether a read failed because of the bytes, rather than of the moment.
bool IsOfTheBytes(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status) || absl::IsOutOfRange(status);
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }
std::string Hex(const Sha256Digest& digest) { return Hex(AsBytes(digest)); }

std::string PositionText(uint64_t position) { return absl::StrCat("the record at position ", position); }
std::string RevisionText(absl::string_view stream, uint64_t revision) {
  return absl::StrCat("the record of stream ", stream, " at revision ", revision);
}

}  // namespace

LogVerifier::LogVerifier(const EventStore* store, size_t findings_listed_max)
    : store_(store), findings_listed_max_(findings_listed_max), files_(store->ListFiles()) {
  progress_.log_size = store->LogSize();
}

void LogVerifier::Add(LogFinding finding) {
  ++report_.findings_count;
  if (report_.findings.size() < findings_listed_max_) report_.findings.push_back(std::move(finding));
}

absl::Status LogVerifier::Step(uint64_t budget) {
  switch (progress_.phase) {
    case Phase::kFiles:
      return StepFiles(budget);
    case Phase::kLog:
      return StepLog(budget);
    case Phase::kStreams:
      return StepStreams(budget);
    case Phase::kMissing:
      return StepMissing(budget);
    case Phase::kDone:
      break;
  }
  return absl::OkStatus();
}

absl::Status LogVerifier::StepFiles(uint64_t budget) {
  if (progress_.files == files_.size()) {
    progress_.phase = Phase::kLog;
    return StepLog(budget);
  }
  const absl::Status verified = store_->VerifyFile(files_[progress_.files]);
  if (!verified.ok() && !IsOfTheBytes(verified)) return verified;
  if (!verified.ok()) Add({Kind::kFile, 0, "", 0, std::string(verified.message())});
  ++progress_.files;
  return absl::OkStatus();
}

// ---------------------------------------------------------------------------------------------------------------------
// The log and the tree.

absl::Status LogVerifier::StepLog(uint64_t budget) {
  const uint64_t end =
      progress_.log_size - progress_.records > budget ? progress_.records + budget : progress_.log_size;
  while (progress_.records < end) {
    absl::Status status;
    const absl::Status read = store_->ReadLog(progress_.records, [&](const RecordedEvent& event) {
      status = AddLeaf(progress_.records + 1, LeafHash(event.stored));
      if (!status.ok()) return false;
      CheckLogRecord(event);
      return ++progress_.records < end;
    });
    if (!status.ok()) return status;
    if (progress_.records >= end) break;
    const uint64_t position = progress_.records + 1;
    if (!read.ok() && !IsOfTheBytes(read)) return read;
    status = AddLeaf(position, std::nullopt);
    if (!status.ok()) return status;
    const std::string problem =
        read.ok() ? absl::StrCat(PositionText(position), " is missing") : std::string(read.message());
    Add({Kind::kUnreadable, position, "", 0, problem});
    all_readable_ = false;
    ++progress_.records;
  }
  return progress_.records < progress_.log_size ? absl::OkStatus() : FinishLog();
}

void LogVerifier::CheckLogRecord(const RecordedEvent& event) {
  const uint64_t position = progress_.records + 1;
  const auto finding = [&](Kind kind, const std::string& problem) {
    Add({kind, position, std::string(event.stream), event.revision,
         absl::StrCat(PositionText(position), " ", problem)});
  };
  if (event.position != position) finding(Kind::kOrder, absl::StrCat("says that it is at position ", event.position));
  if (event.revision == 0) finding(Kind::kOrder, "says that it is at revision 0 of its stream: the first is 1");
  if (event.record_time < latest_record_time_) {
    finding(Kind::kOrder, absl::StrCat("has record time ", absl::FormatTime(event.record_time, absl::UTCTimeZone()),
                                       ", before that of an earlier record: at least ",
                                       absl::FormatTime(latest_record_time_, absl::UTCTimeZone()), " would be right"));
  }
  latest_record_time_ = std::max(latest_record_time_, event.record_time);
  if (event.revision < 2) return;
  // Records of a store of format version 1 have no links. None comes after one that has.
  const bool linked = !event.previous_sha256.empty();
  if (!linked && linked_) finding(Kind::kLink, "has no link to the record before it in its stream");
  linked_ = linked_ || linked;
}

// What the tree says of a node; when it cannot say, what was computed, so that the nodes above are still checked.
absl::StatusOr<Sha256Digest> LogVerifier::ReadKept(int level, uint64_t index, const Sha256Digest& otherwise) {
  const absl::StatusOr<Sha256Digest> kept = store_->ReadTreeNode(level, index);
  if (kept.ok()) return *kept;
  if (!IsOfTheBytes(kept.status())) return kept.status();
  if (kept.status().message() != tree_problem_) {
    tree_problem_ = std::string(kept.status().message());
    Add({Kind::kTree, level == 0 ? index + 1 : 0, "", 0, tree_problem_});
  }
  return otherwise;
}

// Adds a record's leaf, and every node that is full with it. computed is nullopt when the record could not be read.
absl::Status LogVerifier::AddLeaf(uint64_t position, const std::optional<Sha256Digest>& computed) {
  // Nothing is kept before all has been read: a step that failed can be made again.
  std::vector<LogFinding> findings;
  const uint64_t leaf = position - 1;
  const absl::StatusOr<Sha256Digest> kept = ReadKept(0, leaf, computed.value_or(Sha256Digest{}));
  if (!kept.ok()) return kept.status();
  Node node{0, computed.value_or(*kept), *kept};
  if (node.computed != node.kept) {
    findings.push_back({Kind::kTree, position, "", 0,
                        absl::StrCat(PositionText(position), " has leaf hash ", Hex(node.computed),
                                     ", and the tree has ", Hex(node.kept), ": one of them is not what was stored")});
  }
  size_t left = edge_.size();
  for (uint64_t index = leaf; index % 2 == 1; index /= 2) {
    const Node& sibling = edge_[--left];
    Node parent{node.level + 1, NodeHash(sibling.computed, node.computed), {}};
    const bool clean = sibling.computed == sibling.kept && node.computed == node.kept;
    // From what the tree says below: so the level where it is wrong is told from those above.
    const Sha256Digest right = clean ? parent.computed : NodeHash(sibling.kept, node.kept);
    const absl::StatusOr<Sha256Digest> parent_kept = ReadKept(parent.level, index / 2, right);
    if (!parent_kept.ok()) return parent_kept.status();
    parent.kept = *parent_kept;
    if (parent.kept != right) {
      findings.push_back(
          {Kind::kTree, 0, "", 0,
           absl::StrCat("the node ", index / 2, " of level ", parent.level, " of the tree, over positions ",
                        ((index / 2) << parent.level) + 1, " to ", ((index / 2) + 1) << parent.level, ", is ",
                        Hex(parent.kept), ", and the two below it make ", Hex(right))});
    }
    node = parent;
  }
  edge_.resize(left);
  edge_.push_back(node);
  for (LogFinding& finding : findings) Add(std::move(finding));
  return absl::OkStatus();
}

absl::Status LogVerifier::FinishLog() {
  const auto root_of = [&](const Sha256Digest Node::*hash) {
    if (edge_.empty()) return EmptyRoot();
    Sha256Digest root = edge_.back().*hash;
    for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(edge_[i].*hash, root);
    return root;
  };
  const absl::StatusOr<Sha256Digest> kept =
      RootAt(progress_.log_size, [&](int level, uint64_t index) { return store_->ReadTreeNode(level, index); });
  if (!kept.ok() && !IsOfTheBytes(kept.status())) return kept.status();
  const Sha256Digest computed = root_of(&Node::computed);
  if (all_readable_) report_.root = computed;
  if (kept.ok() && *kept != computed) {
    Add({Kind::kTree, 0, "", 0,
         absl::StrCat("the root of the tree of ", progress_.log_size, " records is ", Hex(*kept),
                      ", and the records make ", Hex(computed))});
  }
  progress_.phase = Phase::kStreams;
  return absl::OkStatus();
}

// ---------------------------------------------------------------------------------------------------------------------
// The streams.

absl::Status LogVerifier::StepStreams(uint64_t budget) {
  while (budget > 0) {
    if (!stream_) {
      if (page_.empty()) {
        if (absl::Status status = NextStreams(); !status.ok()) return status;
      }
      if (page_.empty()) {
        FinishStreams();
        return absl::OkStatus();
      }
      stream_ = StreamState();
      stream_->name = std::move(page_.back().first);
      stream_->head = page_.back().second;
      page_.pop_back();
    }
    const absl::StatusOr<uint64_t> used = ReadOneStream(budget);
    if (!used.ok()) return used.status();
    budget -= std::min(budget, *used);
  }
  return absl::OkStatus();
}

absl::Status LogVerifier::NextStreams() {
  if (listed_all_) return absl::OkStatus();
  std::vector<std::pair<std::string, uint64_t>> page;
  const absl::Status status = store_->ListStreams(listed_to_, [&](absl::string_view stream, uint64_t revision) {
    page.emplace_back(std::string(stream), revision);
    return page.size() < kStreamsAtATime;
  });
  if (!status.ok() && !IsOfTheBytes(status)) return status;
  if (!status.ok()) {
    Add({Kind::kHead, 0, "", 0, absl::StrCat(status.message(), ": streams from there on are not verified")});
    list_damaged_ = true;
  }
  listed_all_ = page.size() < kStreamsAtATime;
  if (!page.empty()) listed_to_ = page.back().first;
  page_.assign(page.rbegin(), page.rend());
  return absl::OkStatus();
}

// Reads on in the stream, and leaves it when it is done. Returns what it cost, at least 1.
absl::StatusOr<uint64_t> LogVerifier::ReadOneStream(uint64_t budget) {
  StreamState& stream = *stream_;
  uint64_t used = 0;
  absl::Status status;
  // Beyond head lies what was appended since.
  const absl::Status read = store_->ReadStream(stream.name, stream.revision, [&](const RecordedEvent& event) {
    if (stream.revision >= stream.head) return false;
    status = CheckStreamRecord(event);
    if (!status.ok()) return false;
    ++stream.revision;
    stream.failures = 0;
    ++used;
    // After the last, the store compares it with the head.
    return used < budget || stream.revision == stream.head;
  });
  if (!status.ok()) return status;
  if (!read.ok() && !IsOfTheBytes(read)) return read;
  const bool more = stream.revision < stream.head;
  if (!read.ok() && !more) {
    // All was read: what is wrong is how the stream ends.
    Add({Kind::kHead, 0, stream.name, stream.head, std::string(read.message())});
  }
  if (more && used < budget) {
    const uint64_t revision = stream.revision + 1;
    const std::string problem =
        read.ok() ? absl::StrCat(RevisionText(stream.name, revision), " is missing") : std::string(read.message());
    Add({Kind::kUnreadable, 0, stream.name, revision, problem});
    ++stream.revision;
    stream.last.reset();
    ++unreadable_in_streams_;
    ++used;
    if (++stream.failures >= kFailuresInARowMax && stream.revision < stream.head) {
      Add({Kind::kHead, 0, stream.name, stream.head,
           absl::StrCat("the head of stream ", stream.name, " says ", stream.head, ", but the last ", stream.failures,
                        " revisions up to ", stream.revision, " cannot be read: the rest of it is not verified")});
      stream.revision = stream.head;
    }
  }
  if (stream.revision >= stream.head) {
    ++progress_.streams;
    stream_.reset();
  }
  return std::max<uint64_t>(used, 1);
}

absl::Status LogVerifier::CheckStreamRecord(const RecordedEvent& event) {
  StreamState& stream = *stream_;
  const uint64_t revision = stream.revision + 1;
  const auto finding = [&](Kind kind, const std::string& problem) {
    Add({kind, event.position, stream.name, revision, absl::StrCat(RevisionText(stream.name, revision), " ", problem)});
  };
  const Sha256Digest leaf_hash = LeafHash(event.stored);
  // Appended since the start; it is there, but not what is verified.
  const bool later = event.position > progress_.log_size && event.position <= store_->LogSize();
  if (!later) {
    absl::StatusOr<Sha256Digest> in_log = absl::OutOfRangeError("no such position");
    if (event.position > 0) in_log = store_->ReadTreeNode(0, event.position - 1);
    if (!in_log.ok() && !IsOfTheBytes(in_log.status())) return in_log.status();
    if (absl::IsOutOfRange(in_log.status())) {
      finding(Kind::kCopy, absl::StrCat("says that it is at position ", event.position, ", and the log ends at ",
                                        progress_.log_size));
    } else if (in_log.ok() && *in_log != leaf_hash) {
      finding(Kind::kCopy, absl::StrCat("has leaf hash ", Hex(leaf_hash), ", and the tree has ", Hex(*in_log),
                                        " for position ", event.position));
    }
    ++progress_.stream_records;
  }
  if (event.revision != revision) finding(Kind::kOrder, absl::StrCat("says that it is revision ", event.revision));
  if (event.position <= stream.position) {
    finding(Kind::kOrder, absl::StrCat("is at position ", event.position, ", not after position ", stream.position,
                                       " of the one before it"));
  }
  const absl::string_view link = event.previous_sha256;
  if (revision == 1) {
    if (!link.empty()) finding(Kind::kLink, absl::StrCat("is the first, and has the link ", Hex(link)));
  } else if (!link.empty() && stream.last && link != AsBytes(*stream.last)) {
    finding(Kind::kLink,
            absl::StrCat("has the link ", Hex(link), ", and the record before it has leaf hash ", Hex(*stream.last)));
  }
  stream.last = leaf_hash;
  stream.position = std::max(stream.position, event.position);
  return absl::OkStatus();
}

void LogVerifier::FinishStreams() {
  progress_.phase = Phase::kDone;
  // What lies behind a head that cannot be read was not counted.
  if (list_damaged_) return;
  const uint64_t counted = progress_.stream_records + unreadable_in_streams_;
  if (counted < progress_.log_size) {
    progress_.phase = Phase::kMissing;
  } else if (counted > progress_.log_size && unreadable_in_streams_ == 0) {
    Add({Kind::kHead, 0, "", 0,
         absl::StrCat("the streams hold ", counted, " records, and the log ", progress_.log_size)});
  }
}

// Looks each record of the log up in its stream's head.
absl::Status LogVerifier::StepMissing(uint64_t budget) {
  const uint64_t end = progress_.log_size - missing_done_ > budget ? missing_done_ + budget : progress_.log_size;
  while (missing_done_ < end) {
    absl::Status status;
    const absl::Status read = store_->ReadLog(missing_done_, [&](const RecordedEvent& event) {
      const absl::StatusOr<uint64_t> head = store_->StreamRevision(event.stream);
      if (!head.ok() && !IsOfTheBytes(head.status())) {
        status = head.status();
        return false;
      }
      if (head.ok() && *head < event.revision) {
        ++missing_found_;
        Add({Kind::kHead, event.position, std::string(event.stream), event.revision,
             absl::StrCat(PositionText(event.position), " is revision ", event.revision, " of stream ", event.stream,
                          ", whose head says ", *head)});
      }
      return ++missing_done_ < end;
    });
    if (!status.ok()) return status;
    if (missing_done_ >= end) break;
    if (!read.ok() && !IsOfTheBytes(read)) return read;
    // Told of when the log was read first.
    ++missing_done_;
  }
  if (missing_done_ < progress_.log_size) return absl::OkStatus();
  if (missing_found_ == 0) {
    Add({Kind::kHead, 0, "", 0,
         absl::StrCat("the streams hold ", progress_.stream_records + unreadable_in_streams_, " records, and the log ",
                      progress_.log_size)});
  }
  progress_.phase = Phase::kDone;
  return absl::OkStatus();
}

}  // namespace eventstore
