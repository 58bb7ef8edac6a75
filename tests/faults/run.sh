#!/usr/bin/env bash
# The campaigns against faults at the size of a release, one after another; tests/run.sh runs the same tests at a smaller one.
# As root, after tests/run.sh has built the programs. Prints the commit, each campaign's seed and what it came to.
set -euo pipefail

usage() {
  cat <<'END'
Usage: tests/faults/run.sh --release [--crashes N] [--flips N] [--resets N] [--operations N] [--seeds N] [--output FILE]

Runs the power cuts, the kills, the writes that are dropped or torn and the flipped bits in campaigns of at most 1,000
crashes each, since the whole history is judged after every crash, the hostile peers, a history of many clients under
faults, and simulated lives of the core. Exits with 0 when nothing was lost and nobody came to harm.

  --crashes N     crashes of each kind; default 1000
  --flips N       flipped bits; default 1000
  --resets N      calls that each of six hostile peers begins and resets; default 300000
  --operations N  operations of the history, at least; default 100000
  --seeds N       simulated lives, and a hundredth as many on RocksDB; default 1000000, some 100 in a second
                  on each processor
  --output FILE   where the results are kept too; default build/results/faults-release.txt
END
}

release=false crashes=1000 flips=1000 resets=300000 operations=100000 seeds=1000000 output=build/results/faults-release.txt
while [[ $# -gt 0 ]]; do
  case $1 in
    --release) release=true ;;
    --crashes) crashes=${2:?--crashes wants a number} && shift ;;
    --flips) flips=${2:?--flips wants a number} && shift ;;
    --resets) resets=${2:?--resets wants a number} && shift ;;
    --operations) operations=${2:?--operations wants a number} && shift ;;
    --seeds) seeds=${2:?--seeds wants a number} && shift ;;
    --output) output=${2:?--output wants a file} && shift ;;
    --help | -h) usage && exit 0 ;;
    *) printf 'run.sh: there is no option %s; --help lists them\n' "$1" >&2 && exit 2 ;;
  esac
  shift
done
[[ $release == true ]] || { usage >&2 && exit 2; }
for number in "$crashes" "$flips" "$resets" "$operations" "$seeds"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || { printf 'run.sh: %s is no number of at least 1\n' "$number" >&2 && exit 2; }
done

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=build/test/services
[[ -x $programs/trustd ]] || { printf 'run.sh: there is no %s/trustd; tests/run.sh builds it\n' "$programs" >&2 && exit 2; }
mkdir -p "$(dirname "$output")"
printf 'commit %s, %s\n' "$(git describe --always --dirty 2>/dev/null || echo unknown)" "$(date --utc +%FT%TZ)" | tee "$output"

failed=0
# Runs class $2 of the file $1 with the settings that follow, and keeps what it prints.
campaign() {
  local file=$1 class=$2
  shift 2
  printf '\n%s %s %s\n' "$file" "$class" "$*" | tee -a "$output"
  env "$@" /usr/bin/python3 -B "$file" "$programs" "$class" 2>&1 | tee -a "$output" || failed=1
}

# Lives $2 seeds on the engine $1, from 1, in one process for each processor, and keeps what they print.
simulate() {
  local engine=$1 lives=$2 parts part first last folder processes=()
  parts=$(nproc) folder=$(mktemp -d)
  for ((part = 0; part < parts; part++)); do
    first=$((lives * part / parts + 1)) last=$((lives * (part + 1) / parts))
    [[ $last -ge $first ]] || continue
    printf '\nsimulate --engine=%s --seed=%s --seeds=%s\n' "$engine" "$first" $((last - first + 1)) >"$folder/$part"
    build/test/tests/simulation/simulate --engine="$engine" --seed="$first" --seeds=$((last - first + 1)) --quiet \
      >>"$folder/$part" 2>/dev/null &
    processes+=($!)
  done
  for part in "${processes[@]}"; do wait "$part" || failed=1; done
  cat "$folder"/* | tee -a "$output"
  rm -r "$folder"
}

for ((done = 0; done < crashes; done += 1000)); do
  size=$((crashes - done < 1000 ? crashes - done : 1000))
  campaign tests/faults/power_cut_test.py PowerCutTest TRUSTD_TEST_CRASHES=$size
  campaign tests/e2e/kill_test.py KillTest TRUSTD_TEST_CRASHES=$size
  campaign tests/faults/lost_writes_test.py DroppedWritesTest TRUSTD_TEST_CRASHES=$size
  campaign tests/faults/lost_writes_test.py TornWritesTest TRUSTD_TEST_CRASHES=$size
done
campaign tests/faults/damage_test.py BitFlipTest TRUSTD_TEST_FLIPS="$flips"
campaign tests/faults/hostile_peers_test.py HostilePeersTest TRUSTD_TEST_RESETS="$resets"
campaign tests/consistency/workload_test.py WorkloadTest TRUSTD_TEST_OPERATIONS="$operations"
simulate journal "$seeds"
simulate rocksdb $(((seeds + 99) / 100))
printf '\n%s\n' "$([[ $failed == 0 ]] && echo 'nothing was lost, nobody came to harm' || echo 'FAILED')" | tee -a "$output"
exit "$failed"
