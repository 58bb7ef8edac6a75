#!/usr/bin/env bash
# Measures the service: runs the server and the load generator, prints the figures. README.md says what they mean.
set -euo pipefail

usage() {
  cat <<'END'
Usage: tests/benchmark/run.sh [--quick | --smoke] [--compare] [OPTION...] [-- CLIENT_FLAG...]
       tests/benchmark/run.sh --growth [--growth-events N] [OPTION...]

Builds the server and the load generator (preset "test"), runs them on a new store, and prints one JSON object a line.

  --quick               shorter rounds: about five minutes instead of fifteen
  --smoke               as short as can be, to see that every figure appears; the figures themselves mean nothing
  --compare             run the peers of the service on the same work as well, in rounds that take turns with it: five minutes
                        more, and before the first time as long as it takes to install them; README.md names them
  --growth              measure nothing but a store that grows: at 100,000 events and at 10,000,000 in 1,000,000 partnerships,
                        which takes half an hour and 8 GB of disk
  --growth-events N     let it grow to N events instead
  --plot                draw the figures as SVG beside the output file, in plots/, with gnuplot
  --output FILE         where to write the figures as well; default build/benchmark/figures.jsonl
  --data-directory DIR  where the store is made, in a directory of its own that is removed at the end; default
                        build/benchmark. It must be on a disk: in memory nothing is durable
  --programs DIR        the directory of benchmark_server, benchmark_client and reading_client; nothing is built then
  -- CLIENT_FLAG...     passed on to benchmark_client; build/test/tests/benchmark/benchmark_client --help lists them
  --help                print this

Let nothing else run beside it.
END
}

mode=full
compare=false
growth=false
growth_sizes=100000,10000000
plot=false
output=''
data_parent=''
programs=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --quick) mode=quick ;;
    --smoke) mode=smoke ;;
    --compare) compare=true ;;
    --growth) growth=true ;;
    --growth-events) growth_sizes=100000,${2:?--growth-events needs a number} && shift ;;
    --plot) plot=true ;;
    --output) output=${2:?--output needs a file} && shift ;;
    --data-directory) data_parent=${2:?--data-directory needs a directory} && shift ;;
    --programs) programs=${2:?--programs needs a directory} && shift ;;
    --help | -h) usage && exit 0 ;;
    --) shift && break ;;
    *) printf 'run.sh: there is no option %s; --help lists them\n' "$1" >&2 && exit 2 ;;
  esac
  shift
done

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [[ -z $programs ]]; then
  (
    cd "$repository"
    [[ -e build/test/build.ninja ]] || cmake --preset test
    cmake --build build/test --target trustd benchmark_server benchmark_client reading_client follow_client growth_client log_replay \
      bare_store_loop
  ) >&2
  programs=$repository/build/test/tests/benchmark
fi
output=${output:-$repository/build/benchmark/figures.jsonl}
data_parent=${data_parent:-$repository/build/benchmark}
mkdir -p "$data_parent" "$(dirname "$output")"

file_system=$(df --output=fstype "$data_parent" | tail -n 1)
if [[ $file_system == tmpfs || $file_system == ramfs ]]; then
  printf 'run.sh: %s is in memory; name a directory on a disk with --data-directory\n' "$data_parent" >&2
  exit 2
fi

if [[ $plot == true ]]; then
  # shellcheck source=deploy/packages.sh
  . "$repository/deploy/packages.sh"
  ensure_packages "gnuplot-nox command gnuplot" >&2
fi

data=$(mktemp -d "$data_parent/store.XXXXXX")
server=''
finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" 2>/dev/null || true
  rm -rf "$data"
}
trap finish EXIT

# Of trustd itself, with its defaults, in a store of its own.
measure_growth() {
  mkdir "$data/growth"
  /usr/bin/python3 -B "$repository/tests/benchmark/growth.py" --trustd "$programs/../../services/trustd" --programs "$programs" \
    --directory "$data/growth" --samples "$(dirname "$output")/growth_samples.txt" "$@"
  rm -rf "$data/growth"
}
draw() {
  if [[ $plot == true ]]; then /usr/bin/python3 -B "$repository/tests/benchmark/plot.py" "$output" "$(dirname "$output")/plots"; fi
}
if [[ $growth == true ]]; then
  measure_growth --sizes "$growth_sizes" | tee "$output"
  draw
  exit 0
fi

mkfifo "$data/address"
start_server() {
  "$programs/benchmark_server" --data_directory="$data/trustd" >"$data/address" &
  server=$!
  read -r address <"$data/address" || { printf 'run.sh: the server did not start\n' >&2 && exit 1; }
}
stop_server() {
  kill "$server"
  wait "$server" || { printf 'run.sh: the server did not end well\n' >&2 && exit 1; }
  server=''
}

bare_flags=()
client_flags=()
reading_flags=()
follow_flags=()
compare_flags=()
case $mode in
  quick)
    client_flags=(--rounds=2 --round_ms=1000 --import_events=100000 --import_rounds=2 --simulation_rounds=2)
    reading_flags=(--long_events=10000)
    bare_flags=(--events=100000 --rounds=2)
    compare_flags=(--rounds 2 --round-ms 1500)
    ;;
  smoke)
    reading_flags=(--short_events=20 --long_events=100 --calls=20)
    follow_flags=(--calls=20 --import_events=1000)
    bare_flags=(--events=2000 --rounds=1)
    compare_flags=(--rounds 1 --round-ms 300 --warm-up-ms 200 --in-flight 16 --batches-in-flight 4 --import-events 2000)
    client_flags=(--rounds=1 --round_ms=200 --import_rounds=1 --simulation_rounds=1 --import_events=2000 --partnerships=100)
    ;;
esac
start_server
"$programs/benchmark_client" --address="$address" --server_process="$server" --data_directory="$data" \
  --durability="fdatasync before the answer, $file_system" "${client_flags[@]}" "$@" | tee "$output"
"$programs/reading_client" --address="$address" --fill "${reading_flags[@]}" | tee -a "$output"
stop_server
start_server
"$programs/reading_client" --address="$address" "${reading_flags[@]}" | tee -a "$output"
"$programs/follow_client" --address="$address" "${follow_flags[@]}" | tee -a "$output"
stop_server
"$programs/bare_store_loop" --data_directory="$data/trustd" --scratch_directory="$data/bare" \
  --durability="fdatasync before the answer, $file_system" "${bare_flags[@]}" \
  --import_rate="$(sed -nE 's/^\{"name": "import_history.rate", "value": ([0-9.]+).*/\1/p' "$output")" | tee -a "$output"
# The same number of values as long as the records, read in sequence by the engine alone.
read -r records record_bytes < <("$programs/log_replay" --data_directory="$data/trustd" --size)
readseq=$(db_bench --benchmarks=fillseq,readseq --db="$data/db_bench" --num="$records" --value_size="$record_bytes" \
  --threads=1 --compression_type=none --histogram=0 2>/dev/null | sed -nE 's/^readseq .* ([0-9]+) ops\/sec.*/\1/p')
"$programs/log_replay" --data_directory="$data/trustd" --baseline_rate="${readseq:?db_bench said nothing}" | tee -a "$output"
if [[ $compare == true ]]; then
  "$repository/tests/benchmark/compare/compare.sh" --programs "$programs" --data-directory "$data_parent" --output "$output" \
    "${compare_flags[@]}"
fi
[[ $mode != smoke ]] || measure_growth --smoke --sizes 2000,6000 | tee -a "$output"
draw
[[ $mode != smoke ]] || /usr/bin/python3 "$repository/tests/benchmark/check_figures.py" "$output" >&2
