#include "tests/simulation/simulation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventstore/checkpoint.h"
#include "eventstore/log_verifier.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/signed_note.h"
#include "projections/policy.h"
#include "projections/trust_history.h"
#include "services/domain/decider.h"
#include "services/domain/refusal.h"
#include "tests/projections/naive_assessment.h"
#include "tests/simulation/any_command.h"
#include "tests/simulation/index_check.h"
#include "tests/simulation/journal_storage.h"
#include "tests/simulation/record_book.h"
#include "tests/simulation/rocksdb_storage.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/subscriber.h"
#include "tests/simulation/trace.h"
#include "tests/support/fake_clock.h"

namespace simulation {
namespace {

using Moment = SimulatedServer::Moment;

constexpr int kStepsMin = 90, kStepsMore = 120;
constexpr int kRestMax = 20'000;  // Steps after which a server that is left alone should have come to rest.
// Any will do, so long as every process signs with the same.
constexpr char kKeyText[] = "PRIVATE+KEY+log.example.com+4a66a772+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

std::unique_ptr<Storage> MakeStorage(const Options& options, const services::Clock* clock) {
  if (options.engine == Engine::kRocksDb) {
    RocksDbStorage::Mistakes mistakes;
    mistakes.forgets_flushes = options.plant == Plant::kNoFlush;
    mistakes.cuts_damage_off = options.plant == Plant::kDamageCutOff;
    return std::make_unique<RocksDbStorage>(clock, mistakes);
  }
  JournalStorage::Mistakes mistakes;
  mistakes.forgets_flushes = options.plant == Plant::kNoFlush;
  mistakes.answers_before_write = options.plant == Plant::kAckBeforeWrite;
  mistakes.cuts_damage_off = options.plant == Plant::kDamageCutOff;
  return std::make_unique<JournalStorage>(mistakes);
}

// Parsed once: it takes longer than anything else in a life.
const std::shared_ptr<const projections::Policy>& SharedPolicy() {
  static const auto* const policy = new std::shared_ptr<const projections::Policy>(projections::Policy::Default());
  return *policy;
}

// Every direction of a history on a day, as bytes.
std::string Readings(projections::TrustHistory& history, projections::Day day) {
  std::string bytes = absl::StrCat(history.revision());
  for (const std::string& trustor : history.partners()) {
    for (const std::string& trustee : history.partners()) {
      if (trustor != trustee) bytes += history.Read(trustor, trustee, day).SerializeAsString();
    }
  }
  return bytes;
}

// What can go wrong in a life, and how often; each seed has its own mixture.
struct Weather {
  int crashes, faults, interleaving, repeats, clock_jumps, damage;
};

class Life final : public services::Publisher {
 public:
  explicit Life(const Options& options)
      : options_(options), dice_(options.seed), trace_(options.verbose), storage_(MakeStorage(options, &clock_)) {
    weather_ = {dice_.Int(6), dice_.Int(5), dice_.Int(70), dice_.Int(15), dice_.Int(8), dice_.Int(60)};
    partnerships_ = 1 + dice_.Int(4);
    revises_ = dice_.Chance(60);
    SetClock(absl::FromUnixSeconds(1'704'067'200) + absl::Hours(dice_.Int(2000)));
    key_ = eventstore::SigningKey::Parse(kKeyText);
    const char* const kinds[] = {"", "evidence.", "evidence_corrected", "partnership_proposed"};
    for (int i = 0; i < 3; ++i) {
      Subscriber::Interest interest;
      if (i == 1) interest.partnership = Partnership(dice_.Int(partnerships_));
      if (i == 2) interest.kind = kinds[dice_.Int(4)];
      subscribers_.push_back(
          std::make_unique<Subscriber>(i, std::move(interest), &clock_, &book_, &trace_, options.plant));
    }
  }

  ~Life() override {
    storage_->CrashNow(Crash::kKill, 0);
    Shut();
  }

  Outcome Run() {
    Boot();
    for (int steps = kStepsMin + dice_.Int(kStepsMore); steps > 0 && failure_.empty(); --steps) {
      Step();
      Look();
    }
    Rest();
    if (failure_.empty()) CheckAll();
    if (failure_.empty()) {
      // Nothing of it may hang on what memory holds.
      storage_->CrashNow(dice_.Chance(50) ? Crash::kKill : Crash::kPowerCut, dice_.Next());
      Look();
      Rest();
    }
    if (failure_.empty()) CheckAll();
    Count("steps", trace_.lines());
    trace_.Add(failure_.empty() ? "well" : failure_);
    for (const auto& subscriber : subscribers_) Count("watched", subscriber->events());
    Count("events", static_cast<int>(book_.log().size()));
    return {trace_.Hash(), failure_, seen_};
  }

  // Told of everything that is published, before anybody else.
  void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override {
    if (!Alive()) return;
    Must(book_.TakeIn(*engine_));
    for (const trust::v1::Event& event : events) {
      const auto history = book_.histories().find(partnership);
      const bool there =
          history != book_.histories().end() && static_cast<size_t>(event.revision()) <= history->second.size();
      if (!there)
        Fail(absl::StrCat(partnership, " revision ", event.revision(), " was published before it was durable"));
    }
  }

 private:
  // ---- The process

  bool Alive() const { return server_ != nullptr && !storage_->HasCrashed(); }

  void Boot() {
    absl::StatusOr<std::unique_ptr<eventstore::EventStore>> engine = storage_->Open();
    if (!engine.ok()) return Fail(absl::StrCat("the store does not open: ", engine.status().ToString()));
    engine_ = *std::move(engine);
    Must(book_.Settle(*engine_));
    CheckOldRoots();
    if (!failure_.empty()) return;
    server_ = std::make_unique<SimulatedServer>(
        SimulatedServer::World{engine_.get(), &clock_, &pool_, this, [this](Moment moment) { Meanwhile(moment); },
                               [this] { store_failed_ = true; }, *key_, std::nullopt, options_.plant});
    Must(server_->Prepare());
    LookAtCheckpoint();
    trace_.Add("up, ", engine_->LogSize(), " records");
  }

  // Ends the process, on a disk that nobody looks at again.
  void Shut() {
    for (const auto& subscriber : subscribers_) subscriber->Disconnect();
    if (server_ != nullptr) {
      pool_.full = false;
      while (server_->lane().RunBatch() || pool_.RunOne(ghost_dice_)) {
      }
    }
    server_ = nullptr;
    engine_ = nullptr;
    store_failed_ = false;
  }

  // Looks whether the process has died, and starts it again.
  void Look() {
    if (!failure_.empty()) return;
    if (store_failed_ && !storage_->HasCrashed()) {
      Count("fail-stops");
      trace_.Add("the store failed, so the server ends");
      storage_->CrashNow(Crash::kKill, dice_.Next());
    }
    if (!storage_->HasCrashed()) {
      Must(book_.TakeIn(*engine_));
      return;
    }
    Count("crashes");
    trace_.Add("down");
    Shut();
    storage_->Restart();
    if (dice_.Chance(weather_.damage) && storage_->Damage(dice_)) OpenDamaged();
    if (failure_.empty()) Boot();
  }

  // A store with a flipped bit is refused, or nothing is missing: only what nobody was told of may be taken for a write
  // that was not finished.
  void OpenDamaged() {
    const absl::StatusOr<std::unique_ptr<eventstore::EventStore>> opened = storage_->Open();
    trace_.Add("damaged: ", absl::StatusCodeToString(opened.status().code()));
    Count(opened.ok() ? "damage that took nothing" : "damage refused");
    if (opened.ok()) return Must(book_.Settle(**opened));
    if (!absl::IsDataLoss(opened.status())) {
      return Fail(absl::StrCat("a damaged store was refused with ", opened.status().ToString()));
    }
    storage_->Repair();
  }

  // ---- What happens

  void Step() {
    struct Deed {
      int weight;
      void (Life::*act)();
    };
    const Deed deeds[] = {
        {330, &Life::Submit},
        {10 * weather_.repeats, &Life::Repeat},
        {230, &Life::RunLane},
        {100, &Life::RunPool},
        {70, &Life::StepIndex},
        {80, &Life::Follow},
        {35, &Life::Read},
        {20, &Life::MakeCheckpoint},
        {4 * weather_.clock_jumps, &Life::JumpClock},
        {4 * weather_.crashes, &Life::ArmCrash},
        {4 * weather_.faults, &Life::Fault},
        {12, &Life::DropSubscriber},
        {10, &Life::WorkInBackground},
        {5, &Life::Restart},
    };
    int all = 0;
    for (const Deed& deed : deeds) all += deed.weight;
    int drawn = dice_.Int(all);
    for (const Deed& deed : deeds) {
      drawn -= deed.weight;
      if (drawn < 0) return (this->*deed.act)();
    }
  }

  static std::string Partnership(int number) { return absl::StrCat("p", number); }

  const std::vector<trust::v1::Event>& History(const std::string& partnership) const {
    static const auto* const kNone = new std::vector<trust::v1::Event>();
    const auto found = book_.histories().find(partnership);
    return found == book_.histories().end() ? *kNone : found->second;
  }

  void Submit() {
    const std::string partnership = Partnership(dice_.Int(partnerships_));
    const std::vector<trust::v1::Event>& history = History(partnership);
    AnyRequest request = DrawRequest(dice_, partnership, history, clock_.Now(), revises_);
    RecordBook::Operation operation;
    operation.partnership = partnership;
    operation.events = EventsOf(request);
    if (dice_.Chance(60)) {
      operation.request_id = absl::StrFormat("%08x-0000-4000-8000-%012x", options_.seed & 0xffffffff, requests_.size());
    }
    if (dice_.Chance(25)) {
      operation.expected_revision =
          std::max<int64_t>(0, static_cast<int64_t>(history.size()) + (dice_.Chance(70) ? 0 : dice_.Int(4) - 2));
    }
    std::visit(
        [&](auto& message) {
          if constexpr (requires { message.has_expected_revision(); }) {
            if (operation.expected_revision) message.set_expected_revision(*operation.expected_revision);
          } else {
            operation.expected_revision.reset();
          }
          message.set_request_id(operation.request_id);
          message.set_correlation_id(RecordBook::Mark(requests_.size()));
        },
        request);
    requests_.push_back(std::move(request));
    Send(book_.Begin(std::move(operation)), /*other=*/false);
  }

  // Of the latest operations one that can be repeated, as it was or with other content.
  void Repeat() {
    if (requests_.empty()) return;
    const size_t back = dice_.Below(std::min<size_t>(requests_.size(), dice_.Chance(80) ? 8 : 200));
    const size_t number = requests_.size() - 1 - back;
    if (book_.operation(number).request_id.empty()) return;
    const bool other = book_.IsPresent(number) && dice_.Chance(30);
    Count(other ? "repeated with other content" : "repeated");
    Send(number, other);
  }

  void Send(size_t number, bool other) {
    std::visit([&](auto request) { SendMessage(number, other, std::move(request)); }, requests_[number]);
  }

  template <class Request>
  void SendMessage(size_t number, bool other, Request message) {
    if (other) message.set_correlation_id(RecordBook::OtherMark(number));
    domain::Context context;
    context.now = clock_.Now();
    const std::string method = message.GetDescriptor()->name();
    const absl::Status shape = domain::Validate(message, context);
    trace_.Add(other ? "other " : "", method, " ", number, " ", absl::StatusCodeToString(shape.code()));
    if (!shape.ok()) return Count("refused by shape");
    if (!other) ++book_.operation(number).open;
    const auto request = std::make_shared<Request>(std::move(message));
    services::Caller caller;
    if (dice_.Chance(20)) caller.deadline = clock_.Now() + absl::Seconds(1 + dice_.Int(20));
    const bool was_there = book_.IsPresent(number);
    auto done = [this, request, number, other, was_there](const absl::StatusOr<services::CommandOutcome>& outcome) {
      if (Alive()) Answer(number, other, was_there, outcome);
    };
    services::Recall recall{&server_->store(), &pool_};
    if (options_.plant == Plant::kRevisionOffByOne) {
      server_->lane().Submit(std::make_unique<OffByOneCommand<Request>>(request.get(), method, recall,
                                                                        std::move(caller), std::move(done)));
    } else {
      server_->lane().Submit(std::make_unique<services::DecidedCommand<Request>>(request.get(), method, recall,
                                                                                 std::move(caller), std::move(done)));
    }
  }

  void Answer(size_t number, bool other, bool was_there, const absl::StatusOr<services::CommandOutcome>& outcome) {
    trace_.Add("answer ", number, other ? " other " : " ", absl::StatusCodeToString(outcome.status().code()), " ",
               int{domain::ReasonOf(outcome.status())}, " ", outcome.ok() ? outcome->log_position : "");
    Count(outcome.ok()                                                                      ? "acknowledged"
          : absl::IsUnknown(outcome.status())                                               ? "unknown"
          : domain::ReasonOf(outcome.status()) == trust::v1::ERROR_REASON_REVISION_CONFLICT ? "revision conflicts"
                                                                                            : "refused");
    Must(other ? RecordBook::AnsweredOther(outcome) : book_.Answered(number, was_there, outcome, *engine_));
  }

  void RunLane() { trace_.Add("lane: ", server_->lane().RunBatch()); }
  void RunPool() { trace_.Add("pool: ", pool_.RunOne(dice_)); }

  void StepIndex() {
    const absl::StatusOr<bool> stepped = server_->index().Step();
    if (!Alive()) return;
    trace_.Add("index: ", absl::StatusCodeToString(stepped.status().code()), " at ", server_->index().state().position,
               " day ", server_->index().state().day, " change ", server_->index().state().sequence);
  }

  void Follow() {
    Subscriber& subscriber = *dice_.Pick(subscribers_);
    if (!subscriber.is_connected()) subscriber.Connect(server_.get(), dice_.Chance(30));
    if (!subscriber.is_due()) server_->watches().RunOnce();
    Must(subscriber.Step());
  }

  void DropSubscriber() { dice_.Pick(subscribers_)->Disconnect(); }

  void Read() { CheckReading(Partnership(dice_.Int(partnerships_))); }

  void MakeCheckpoint() {
    server_->checkpointer().RunOnce();
    if (Alive()) LookAtCheckpoint();
  }

  void WorkInBackground() { trace_.Add("background: ", storage_->WorkInBackground()); }

  void JumpClock() {
    const int what = dice_.Int(10);
    const absl::Duration jump = what < 3   ? -absl::Hours(1)
                                : what < 6 ? absl::Minutes(dice_.Int(600))
                                           : absl::Hours(24 * dice_.Int(60));
    SetClock(clock_.Now() + jump);
    Count(what < 3 ? "clock set back" : "clock set forward");
    trace_.Add("clock ", absl::ToUnixSeconds(clock_.Now()));
  }

  void ArmCrash() {
    const Crash crash = dice_.Chance(60) ? Crash::kPowerCut : Crash::kKill;
    const int calls = dice_.Chance(20) ? 0 : 1 + dice_.Int(8);
    Count(crash == Crash::kKill ? "kills" : "power cuts");
    trace_.Add(crash == Crash::kKill ? "kill" : "power cut", " after ", calls, " calls");
    storage_->ArmCrash(crash, calls, dice_.Next());
  }

  void Fault() {
    const int what = dice_.Int(4);
    trace_.Add("fault ", what);
    if (what == 0) storage_->FillUp();
    if (what == 1) storage_->MakeRoom();
    if (what == 2) storage_->FailNextFlush();
    if (what == 3) pool_.full = !pool_.full;
  }

  // As after SIGTERM: what waits is finished first.
  void Restart() {
    Count("restarts");
    trace_.Add("restart");
    pool_.full = false;
    for (int i = 0; i < kRestMax && Alive() && (server_->lane().RunBatch() || pool_.RunOne(dice_)); ++i) {
    }
    while (Alive() && storage_->WorkInBackground()) {
    }
    if (Alive()) storage_->CrashNow(Crash::kKill, dice_.Next());
  }

  // What other threads do while the lane writes.
  void Meanwhile(Moment moment) {
    if (!Alive() || inside_ || !failure_.empty()) return;
    inside_ = true;
    if (dice_.Chance(weather_.interleaving)) {
      Count(moment == Moment::kBeforeWrite ? "between decision and write" : "between write and answer");
      const int what = dice_.Int(5);
      trace_.Add(moment == Moment::kBeforeWrite ? "before" : "after", " the write: ", what);
      if (what == 0) MakeCheckpoint();
      if (what == 1) Read();
      if (what == 2) Follow();
      if (what == 3) StepIndex();
      // A slow disk.
      if (what == 4) SetClock(clock_.Now() + absl::Seconds(dice_.Int(8)));
    }
    inside_ = false;
  }

  // ---- What must be

  void Fail(const std::string& failure) {
    if (failure_.empty()) failure_ = failure;
  }
  void Must(const absl::Status& status) {
    if (!status.ok()) Fail(std::string(status.message()));
  }
  void Count(const std::string& what, int times = 1) { seen_[what] += times; }

  // A chance that no seed gives, but the lives before this one: the mistake that makes a simulation worthless.
  static bool FromElsewhere() {
    static uint32_t state = 1;
    state = state * 1'664'525 + 1'013'904'223;
    return state >> 31 != 0;
  }

  // What the cache reads is what a fold of the log reads from nothing.
  void CheckReading(const std::string& partnership) {
    Must(book_.TakeIn(*engine_));
    const projections::Day day = projections::DayOf(clock_.Now()) - (dice_.Chance(70) ? 0 : dice_.Int(100));
    const std::vector<trust::v1::Event>& history = History(partnership);
    std::string cached;
    const auto read = [&](projections::TrustHistory& kept) { cached = Readings(kept, day); };
    if (!dice_.Chance(50) || !server_->readings().TryRead(partnership, read)) {
      const absl::Status status = server_->readings().Read(partnership, read);
      if (history.empty() && domain::ReasonOf(status) == trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND) return;
      if (!status.ok()) return Fail(absl::StrCat("a reading of ", partnership, " fails: ", status.ToString()));
    }
    projections::TrustHistory fresh(partnership, policy_);
    for (const trust::v1::Event& event : history) fresh.Apply(event);
    const std::string expected = Readings(fresh, day);
    Count("readings");
    trace_.Add("reading ", partnership, " ", eventstore::Sha256Hex(cached).substr(0, 16));
    if (options_.plant == Plant::kChanceFromElsewhere && FromElsewhere()) trace_.Add("elsewhere");
    if (cached != expected) {
      Fail(absl::StrCat("the reading of ", partnership, " is not that of its ", history.size(), " events"));
    }
  }

  // The same by the slow transcription of the specification, which knows no words about the record.
  void CheckAgainstSpecification(const std::string& partnership) {
    const std::vector<trust::v1::Event>& history = History(partnership);
    if (history.empty() || revises_) return;
    const projections::Day day = projections::DayOf(clock_.Now());
    const char* const pairs[][2] = {{"a", "b"}, {"b", "c"}, {"c", "a"}};
    const auto& pair = pairs[dice_.Below(3)];
    const projections::NaiveAssessment naive(partnership, history, pair[0], pair[1], day);
    std::string read;
    Must(server_->readings().Read(
        partnership, [&](projections::TrustHistory& kept) { read = kept.Read(pair[0], pair[1], day).DebugString(); }));
    Count("readings by the specification");
    if (read != naive.reading.DebugString())
      Fail(absl::StrCat("the reading of ", partnership, " is not the specification's:\n", read, "but\n",
                        naive.reading.DebugString()));
  }

  void LookAtCheckpoint() {
    const services::Checkpointer::Made made = server_->checkpointer().Newest();
    if (made == nullptr || made->checkpoint.size == last_signed_) return;
    Must(book_.TakeIn(*engine_));
    const eventstore::Checkpoint& checkpoint = made->checkpoint;
    trace_.Add("checkpoint ", checkpoint.size, " ", absl::BytesToHexString(eventstore::AsBytes(checkpoint.root)));
    Count("checkpoints");
    Must(book_.CheckRoot(checkpoint.size, checkpoint.root));
    if (!eventstore::OpenNote(made->note, key_->verifier()).ok()) Fail("a checkpoint's signature is wrong");
    last_signed_ = checkpoint.size;
    roots_.emplace(checkpoint.size, checkpoint.root);
  }

  // What was signed before the start still holds.
  void CheckOldRoots() {
    last_signed_ = 0;
    for (const auto& [size, signed_root] : roots_) {
      const absl::StatusOr<eventstore::Sha256Digest> root =
          eventstore::RootAt(size, [this](int level, uint64_t index) { return engine_->ReadTreeNode(level, index); });
      if (!root.ok() || *root != signed_root) {
        return Fail(absl::StrCat("a checkpoint of ", size, " records was signed, which the log does not have"));
      }
    }
  }

  void SetClock(absl::Time now) {
    clock_.Set(now);
    latest_day_ = std::max(latest_day_, projections::DayOf(now));
  }

  // The index is what it would be if it were made now.
  void CheckIndex() {
    const std::string fault =
        IndexFault(*engine_, server_->index().state().day, latest_day_, book_.histories(), policy_);
    if (!fault.empty()) Fail(fault);
  }

  // Lets everything that can happen happen, without new faults.
  void Rest() {
    if (!failure_.empty()) return;
    for (int i = 0; i < kRestMax && failure_.empty(); ++i) {
      storage_->MakeRoom();
      pool_.full = false;
      bool moved = server_->lane().RunBatch();
      moved = pool_.RunOne(dice_) || moved;
      if (Alive()) {
        const absl::StatusOr<bool> stepped = server_->index().Step();
        moved = !stepped.ok() || *stepped || moved;
      }
      moved = storage_->WorkInBackground() || moved;
      for (const auto& subscriber : subscribers_) {
        if (!Alive() || !failure_.empty()) break;
        if (!subscriber->is_connected() && !subscriber->HasSeenAll()) subscriber->Connect(server_.get(), false);
        moved = server_->watches().RunOnce() || moved;
        moved = subscriber->is_due() || moved;
        Must(subscriber->Step());
      }
      moved = !Alive() || store_failed_ || moved;
      Look();
      if (!moved) return;
    }
    Fail("left alone, the server does not come to rest");
  }

  void CheckAll() {
    MakeCheckpoint();
    if (!Alive()) return Fail("the server died while it rested");
    for (size_t number = 0; number < book_.operations().size(); ++number) {
      if (book_.operations()[number].open > 0) return Fail(absl::StrCat("operation ", number, " was never answered"));
    }
    for (const auto& subscriber : subscribers_) {
      if (!subscriber->HasSeenAll()) return Fail("a subscriber was not told of all");
    }
    Must(book_.CheckRows(*engine_));
    CheckIndex();
    for (int i = 0; i < partnerships_ && failure_.empty(); ++i) {
      CheckReading(Partnership(i));
      CheckAgainstSpecification(Partnership(i));
    }
    eventstore::LogVerifier verifier(engine_.get());
    while (failure_.empty() && !verifier.done()) Must(verifier.Step(1000));
    if (verifier.report().findings_count > 0) Fail("the verification of the log finds something");
    trace_.Add("checked ", book_.log().size(), " records");
  }

  const Options options_;
  Dice dice_;
  Dice ghost_dice_{0};  // For what nobody looks at.
  Trace trace_;
  support::FakeClock clock_{absl::UnixEpoch()};
  projections::Day latest_day_ = 0;  // That the clock ever showed.
  const std::unique_ptr<Storage> storage_;
  Weather weather_;
  int partnerships_ = 1;
  bool revises_ = true;
  absl::StatusOr<eventstore::SigningKey> key_ = absl::UnknownError("");
  const std::shared_ptr<const projections::Policy>& policy_ = SharedPolicy();
  RecordBook book_;
  std::vector<AnyRequest> requests_;  // By operation.
  DrawnExecutor pool_;
  std::unique_ptr<eventstore::EventStore> engine_;
  std::unique_ptr<SimulatedServer> server_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::map<uint64_t, eventstore::Sha256Digest> roots_;  // That were signed, by size.
  uint64_t last_signed_ = 0;
  bool store_failed_ = false;
  bool inside_ = false;
  std::string failure_;
  std::map<std::string, int> seen_;
};

}  // namespace

Outcome Simulate(const Options& options) { return Life(options).Run(); }

std::string HowToRepeat(const Options& options) {
  std::string command = absl::StrCat("simulate --seed=", options.seed,
                                     " --engine=", options.engine == Engine::kJournal ? "journal" : "rocksdb");
  for (const PlantInfo& info : Plants()) {
    if (info.plant == options.plant) absl::StrAppend(&command, " --plant=", info.name);
  }
  return command + " --verbose";
}

}  // namespace simulation
