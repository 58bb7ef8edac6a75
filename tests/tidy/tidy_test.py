"""The project keeps its rules (rules.py), and each rule finds what breaks it.

ProjectTest looks at this repository; PlantedTest plants breaches in a small tree of its own, since a check that cannot fail
proves nothing. Run one of them with: tidy_test.py ProjectTest
"""

import pathlib
import tempfile
import unittest

import rules

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class ProjectTest(unittest.TestCase):
    def test_every_rule_is_kept(self):
        tree = rules.Tree(REPOSITORY)
        for rule in rules.RULES:
            with self.subTest(rule.__name__):
                breaches = [str(breach) for breach in rule(tree)]
                if breaches:
                    self.fail(f"\n{rule.__name__}:\n  " + "\n  ".join(breaches))

    def test_what_is_allowed_is_there(self):
        """An exception for a file that is gone would cover whatever takes its name next."""
        tree = rules.Tree(REPOSITORY)
        for place in (rules.CLOCK_FILE, *rules.CLOCKS_ALLOWED, *rules.SLEEPS_ALLOWED, *rules.EXCEPTIONS_ALLOWED):
            self.assertTrue(any(path == place or place.endswith("/") and path.startswith(place) for path in tree.files), place)


def header(path, body="int Answer();"):
    guard = path.replace("/", "_").replace(".", "_").upper() + "_"
    return f"// What it promises.\n\n#ifndef {guard}\n#define {guard}\n\n{body}\n\n#endif  // {guard}\n"


ERRORS = "enum ErrorReason {\n  ERROR_REASON_UNSPECIFIED = 0;\n  ERROR_REASON_TOO_LATE = 1;\n}\n"
SERVICE = "service ThingService {\n  rpc GetThing(GetThingRequest) returns (GetThingResponse);\n}\n"

# For each rule: trees that break it once, and trees that look like it and keep it. A tree is path -> text.
PLANTED = {
    rules.top_level_is_fixed: {
        "broken": [{"scripts/x.sh": ""}, {"NOTES.md": ""}],
        "kept": [{"deploy/x.sh": "", "build/x": "", "README.md": ""}],
    },
    rules.rooms_are_complete: {
        "broken": [{f"{room}/{name}": "" for room in rules.ROOMS for name in ("README.md", "CMakeLists.txt")
                    if f"{room}/{name}" != missing}
                   for missing in ("services/rpc/README.md", "eventstore/CMakeLists.txt")],
        "kept": [{f"{room}/{name}": "" for room in rules.ROOMS for name in ("README.md", "CMakeLists.txt")
                  if f"{room}/{name}" != "deploy/CMakeLists.txt"}],
    },
    rules.names_say_something: {
        "broken": [{"services/string_util.h": ""}, {"tests/support/common.cc": ""}, {"eventstore/RocksStore.cc": ""}],
        "kept": [{"services/utility_bill.h": "", "proto/CMakeLists.txt": ""}],
    },
    rules.includes_keep_the_table: {
        "broken": [
            {"eventstore/a.cc": '#include "services/clock.h"\n'},
            {"eventstore/a.cc": '#include "trust/v1/events.pb.h"\n'},
            {"eventstore/a.cc": "#include <grpcpp/grpcpp.h>\n"},
            {"eventstore/memory_store.cc": '#include "rocksdb/db.h"\n'},
            {"eventstore/rocksdb_store.cc": "#include <openssl/evp.h>\n"},
            {"projections/a.cc": '#include "eventstore/event_store.h"\n'},
            {"projections/a.cc": '#include "services/domain/decider.h"\n'},
            {"projections/a.cc": "#include <chrono>\n"},
            {"services/domain/a.cc": '#include "eventstore/event_store.h"\n'},
            {"services/domain/a.cc": '#include "google/rpc/status.pb.h"\n'},
            {"services/domain/a.cc": '#include "services/clock.h"\n'},
            {"services/rpc/a.cc": '#include "projections/day.h"\n'},
            {"services/rpc/a.cc": '#include "services/domain/decider.h"\n'},
            {"services/rpc/a.cc": '#include "eventstore/event_store.h"\n'},
            {"services/rpc/a.cc": '#include "services/log.h"\n'},
            {"services/server_metrics.cc": '#include "prometheus/exposer.h"\n'},
            {"services/server.cc": "#include <prometheus/registry.h>\n"},
            {"services/metrics_endpoint.cc": '#include "services/rpc/call_meter.h"\n'},
            {"eventstore/rocksdb_condition.cc": '#include "prometheus/gauge.h"\n'},
            {"services/a.cc": '#include "rocksdb/db.h"\n'},
            {"services/span_export.cc": '#include "opentelemetry/trace/tracer.h"\n'},
            {"services/opentelemetry/a.cc": '#include "services/log.h"\n'},
            {"services/a.cc": '#include "eventstore/rocksdb_store.h"\n'},
            {"services/trustctl/stage_verb.cc": '#include "eventstore/event_store.h"\n'},
            {"services/a.cc": '#include "../eventstore/event_store.h"\n'},
            {"proto/eventstore/v1/record.proto": 'import "trust/v1/events.proto";\n'},
        ],
        "kept": [{
            "services/opentelemetry/a.cc": '#include <mutex>\n#include "opentelemetry/trace/tracer.h"\n',
            "services/span_export.cc": '#include "services/opentelemetry/span_abi.h"\n',
            "eventstore/rocksdb_store.cc": '#include <vector>\n#include "rocksdb/db.h"\n#include "eventstore/event_store.h"\n',
            "eventstore/sha256.cc": "#include <openssl/evp.h>\n#include <sys/stat.h>\n",
            "projections/a.cc": '#include "projections/day.h"\n#include "trust/v1/events.pb.h"\n#include "absl/time/time.h"\n',
            "services/domain/a.cc": '#include "projections/partnership.h"\n',
            "services/rpc/a.cc": '#include <grpcpp/grpcpp.h>\n#include "google/rpc/status.pb.h"\n#include "services/meters.h"\n',
            "services/metrics_endpoint.cc": '#include "prometheus/exposer.h"\n#include "services/metric_family.h"\n',
            "services/trustd.cc": '#include "eventstore/rocksdb_store.h"\n',
            "services/trustctl/verify_verb.cc": '#include "eventstore/event_store.h"\n',
            "tests/a_test.cc": '#include "rocksdb/db.h"\n',
            "proto/trust/v1/a.proto": 'import "trust/v1/events.proto";\nimport "google/protobuf/any.proto";\n',
        }],
    },
    rules.the_store_knows_no_domain: {
        "broken": [{"eventstore/a.cc": "// Of a Partnership.\n"}, {"eventstore/README.md": "trust\n"}, {"eventstore/trust.h": ""},
                   {"proto/eventstore/v1/record.proto": "// trust\n"}],
        "kept": [{"eventstore/CMakeLists.txt": "target_link_libraries(eventstore PUBLIC trustd_options)\n", "services/a.cc": "trust"}],
    },
    rules.paths_are_of_no_one_machine: {
        "broken": [{"README.md": "See /house/main/README.md\n"}, {"deploy/a.sh": "cd /home/me\n"}, {"deploy/a.sh": "cd ~/src/x\n"},
                   {"CMakeLists.txt": "# http://mirror.test/x\n"}],
        "kept": [{"README.md": "/etc/os-release and 1/2/3, and/or/not, http://localhost:50051, trust.v1.A/Get\n",
                  "deploy/examples/alliances/a.jsonl": '{"citation": "https://www.klm.test/history"}\n'}],
    },
    rules.clocks_are_read_in_one_place: {
        "broken": [{"services/a.cc": "auto now = absl::Now();\n"}, {"tests/a_test.cc": "std::chrono::steady_clock::now();\n"},
                   {"eventstore/a.cc": "time_t t = time(nullptr);\n"}, {"services/a.cc": "clock_gettime(CLOCK_REALTIME, &t);\n"}],
        "kept": [{"services/clock.cc": "return absl::Now();\n", "services/a.cc": "// absl::Now is not called.\nclock->Now(); record_time(0);\n"}],
    },
    rules.nobody_sleeps: {
        "broken": [{"tests/a_test.cc": "std::this_thread::sleep_for(x);\n"}, {"services/a.cc": "absl::SleepFor(x);\n"},
                   {"services/a.cc": "sleep(1);\n"}],
        "kept": [{"tests/a_test.cc": "// sleep_for would be slow.\n"}],
    },
    rules.readings_use_integers_only: {
        "broken": [{"projections/a.cc": "double x = 1;\n"}, {"projections/a.h": "float x;\n"}, {"projections/a.cc": "std::sqrt(2);\n"}],
        "kept": [{"projections/a.cc": 'int x;  // Never a double.\nconst char kText[] = "double";\n', "services/a.cc": "double y;\n"}],
    },
    rules.switches_over_cases_have_no_default: {
        "broken": [{"projections/a.cc": "switch (event.body_case()) {\n  case 1: { break; }\n  default:\n    break;\n}\n"},
                   {"services/a.cc": "switch (reason) { default: return 1; }\n"},
                   {"services/a.cc": "switch (x) {\n case 1:\n  switch (e.kind_case()) { default: break; }\n}\n"}],
        "kept": [{"services/a.cc": "switch (e.kind_case()) {\n case 1:\n  switch (x) { default: break; }\n}\nswitch (y) { default: f(); }\n"
                                   "// switch (e.kind_case()) { default: }\n"}],
    },
    rules.what_is_named_is_used: {
        "broken": [{"services/a.cc": "using trust::v1::Event;\n\nint f();  // Of an Event.\n"}],
        "kept": [{"services/a.cc": "using trust::v1::Event;\n\nint f(const Event& event);\n"}],
    },
    rules.headers_are_guarded_by_their_path: {
        "broken": [{"services/a.h": header("services/b.h")}, {"services/a.h": header("services/a.h")[len("// What it promises.\n\n"):]},
                   {"services/a.h": header("services/a.h").replace("#endif", "int late;\n#endif").replace("#endif  // ", "#endif // ")}],
        "kept": [{"services/a.h": header("services/a.h"), "tests/support/b.h": header("tests/support/b.h")}],
    },
    rules.no_exceptions: {
        "broken": [{"services/a.cc": "throw 1;\n"}, {"eventstore/a.cc": "try { f(); } catch (...) {}\n"}],
        "kept": [{"services/a.cc": "// Never throws.\nint retry{0};\n",
                  "services/metrics_endpoint.cc": "try { f(); } catch (const E& e) {}\n"}],
    },
    rules.no_mocks: {
        "broken": [{"tests/a_test.cc": "MOCK_METHOD(int, F, ());\n"}],
        "kept": [{"tests/a_test.cc": "EXPECT_THAT(x, Eq(1));\n"}],
    },
    rules.every_error_reason_is_returned_by_a_test: {
        "broken": [{"proto/trust/v1/errors.proto": ERRORS, "tests/a_test.cc": "// TOO_LATE\n"},
                   {"proto/trust/v1/errors.proto": ERRORS, "tests/tidy/tidy_test.py": '"TOO_LATE"'}],
        "kept": [{"proto/trust/v1/errors.proto": ERRORS, "tests/a_test.cc": "Refuses(trust::v1::ERROR_REASON_TOO_LATE);\n"},
                 {"proto/trust/v1/errors.proto": ERRORS, "tests/e2e/a_test.py": 'self.assert_reason("TOO_LATE")\n'}],
    },
    rules.every_rpc_has_an_example: {
        "broken": [{"proto/trust/v1/a.proto": SERVICE},
                   {"proto/trust/v1/a.proto": SERVICE, "deploy/examples/01-trust.v1.ThingService.GetThing.json": "{,}"},
                   {"deploy/examples/01-trust.v1.ThingService.GetThing.json": "{}"}],
        "kept": [{"proto/trust/v1/a.proto": SERVICE, "deploy/examples/01-trust.v1.ThingService.GetThing.json": '{"thing": "x"}'}],
    },
    rules.guarantees_name_tests: {
        "broken": [{"deploy/README.md": "## What is guaranteed\n\n| G1 | much | `KillTest` |\n", "tests/e2e/a_test.py": "class CutTest(X):\n"},
                   {"deploy/README.md": "## What is guaranteed\n\n| G1 | much | `CutTest.Two` |\n", "tests/a_test.cc": "TEST(CutTest, One) {\n"},
                   {"deploy/README.md": "## What is guaranteed\n\n| G1 | much | our word |\n"},
                   {"deploy/README.md": "## What we think\n\n| G1 | much | `KillTest` |\n"}],
        "kept": [{"deploy/README.md": "## What is guaranteed\n\n| G1 | much | `KillTest`, `CutTest.One` |\n\n## More\n\n| G2 | `NoTest` |\n",
                  "tests/e2e/a_test.py": "class KillTest(X):\n", "tests/a_test.cc": "TEST(CutTest, One) {\n"}],
    },
    rules.links_lead_somewhere: {
        "broken": [{"README.md": "See [it](missing.md).\n"}, {"deploy/README.md": "[up](../../x.md)\n"},
                   {"README.md": "[there](a.md#no-such-heading)\n", "a.md": "# A heading\n"}],
        "kept": [{"README.md": "[a](deploy/README.md), [b](deploy/), [c](https://github.com/x), [d](deploy/README.md#to-add-one), `[e](f)`\n",
                  "deploy/README.md": "# Deploy\n\n## To add one\n\n[home](../README.md)\n"}],
    },
}


class PlantedTest(unittest.TestCase):
    def breaches(self, rule, files):
        with tempfile.TemporaryDirectory() as directory:
            for path, text in files.items():
                place = pathlib.Path(directory) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
            return [str(breach) for breach in rule(rules.Tree(directory))]

    def test_every_rule_finds_what_breaks_it_and_nothing_else(self):
        for rule in rules.RULES:
            for number, files in enumerate(PLANTED[rule]["broken"]):
                with self.subTest(rule=rule.__name__, broken=number):
                    self.assertNotEqual(self.breaches(rule, files), [])
            for number, files in enumerate(PLANTED[rule]["kept"]):
                with self.subTest(rule=rule.__name__, kept=number):
                    self.assertEqual(self.breaches(rule, files), [])


if __name__ == "__main__":
    unittest.main()
