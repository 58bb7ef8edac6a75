"""Runs one target of libFuzzer for so long, and fails when it finds anything: a crash, a leak, an input that takes too
long or too much memory, a broken promise. Prints how often it ran and what it covered.

Usage: run_target.py PROGRAM SEEDS FOUND [--seconds=N] [--executions-min=N] [--expect=WORDS] [--keep] [INPUT]...
  SEEDS    the examples that the repository holds; never written to but with --keep
  FOUND    what earlier runs have found worth keeping; made when it is missing, and added to
  --expect the program has a planted mistake, which must be found, with these words
  --keep   afterwards puts the smallest part of SEEDS and FOUND that covers as much into SEEDS, as new files
  INPUT    run these inputs alone, once each

What makes the target fail is written beside FOUND, and shown. TRUSTD_FUZZ_SECONDS takes the place of --seconds. The
seed of the fuzzer's choices is printed as TRUSTD_TEST_SEED, and taken from the environment variable of that name.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

INPUT_SECONDS_MAX = 10
INPUT_BYTES_MAX = 1 << 16
MEMORY_MIB_MAX = 2048


def options_of(arguments):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("program")
    parser.add_argument("seeds", type=pathlib.Path)
    parser.add_argument("found", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--executions-min", type=int, default=1)
    parser.add_argument("--expect")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("inputs", nargs="*")
    options = parser.parse_args(arguments)
    if not options.expect:  # A control takes as long as it is given, however long the others run.
        options.seconds = int(os.environ.get("TRUSTD_FUZZ_SECONDS", options.seconds))
    return options


def environment(scratch):
    # detect_container_overflow: containers cross between what is instrumented and the packages, which are not.
    return {**os.environ, "TMPDIR": scratch,
            "ASAN_OPTIONS": "detect_leaks=1:detect_container_overflow=0:allocator_may_return_null=0:handle_abort=1",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


def run(options, scratch, artifacts, *arguments):
    command = [options.program, f"-artifact_prefix={artifacts}/", f"-timeout={INPUT_SECONDS_MAX}",
               f"-rss_limit_mb={MEMORY_MIB_MAX}", f"-max_len={INPUT_BYTES_MAX}", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(scratch), text=True,
                          errors="backslashreplace", check=False, stdin=subprocess.DEVNULL)


def last_number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def fuzz(options, scratch):
    name = pathlib.Path(options.program).name
    seed = int(os.environ.get("TRUSTD_TEST_SEED") or random.randrange(1, 1 << 31))
    artifacts = options.found.parent / f"{name}-failures"
    if options.expect:  # Nothing of a planted mistake is kept.
        artifacts = pathlib.Path(scratch) / "failures"
        options.found = pathlib.Path(scratch) / "found"
    options.found.mkdir(parents=True, exist_ok=True)
    artifacts.mkdir(parents=True, exist_ok=True)
    examples = sum(1 for path in options.seeds.rglob("*") if path.is_file())
    print(f"{name}: {examples} examples, {sum(1 for _ in options.found.iterdir())} found before, TRUSTD_TEST_SEED={seed}")
    if not examples:
        print(f"there are no examples in {options.seeds}")
        return 1
    outcome = run(options, scratch, artifacts, f"-max_total_time={options.seconds}", f"-seed={seed % (1 << 32)}",
                  "-print_final_stats=1", "-reload=0", "-len_control=20", options.found, options.seeds)
    executions = last_number(r"stat::number_of_executed_units:\s*(\d+)", outcome.stdout)
    covered, features = last_number(r"cov: (\d+)", outcome.stdout), last_number(r" ft: (\d+)", outcome.stdout)
    memory_mib = last_number(r"stat::peak_rss_mb:\s*(\d+)", outcome.stdout)
    print(f"{name}: {executions} executions, {covered} edges and {features} features covered, {memory_mib} MiB at most")
    if options.expect:
        return judge_control(options, outcome)
    if outcome.returncode != 0:
        print(outcome.stdout[-12000:])
        print(f"{name} found something, see above. The input is in {artifacts}. Once it is mended, the input belongs to the "
              f"examples, and a test beside the others says what was wrong.")
        return 1
    if executions < options.executions_min:
        print(f"{name} ran {executions} times and not {options.executions_min}: too seldom to say anything")
        return 1
    return 0


def judge_control(options, outcome):
    if outcome.returncode != 0 and options.expect in outcome.stdout:
        print(f"the planted mistake was found: {options.expect}")
        return 0
    print(outcome.stdout[-8000:])
    print(f"the planted mistake was not found in {options.seconds} s, so the run proves nothing: {options.expect}")
    return 1


def keep(options, scratch):
    """Adds to the examples what covers more than they do."""
    added = pathlib.Path(scratch) / "added"
    shutil.copytree(options.seeds, added)
    before = {path.name for path in added.iterdir()}
    outcome = run(options, scratch, scratch, "-merge=1", added, options.found)
    if outcome.returncode != 0:
        print(outcome.stdout[-4000:])
        return 1
    fresh = [path for path in sorted(added.iterdir()) if path.name not in before]
    for path in fresh:
        shutil.copy(path, options.seeds / path.name)
    print(f"{len(fresh)} inputs were added to {options.seeds}")
    return 0


def main(arguments):
    options = options_of(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        if options.inputs:
            outcome = run(options, scratch, scratch, *options.inputs)
            print(outcome.stdout)
            return 1 if outcome.returncode else 0
        result = fuzz(options, scratch)
        return keep(options, scratch) if options.keep and result == 0 else result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
