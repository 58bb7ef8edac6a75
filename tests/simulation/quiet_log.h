// The server's log, silenced.

#ifndef TESTS_SIMULATION_QUIET_LOG_H_
#define TESTS_SIMULATION_QUIET_LOG_H_

namespace simulation {

// While it lives, what the server logs goes nowhere: its faults are planted by the thousand.
class QuietLog {
 public:
  QuietLog();
  ~QuietLog();
  QuietLog(const QuietLog&) = delete;
  QuietLog& operator=(const QuietLog&) = delete;

 private:
  int kept_ = -1;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_QUIET_LOG_H_
