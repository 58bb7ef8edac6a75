#!/usr/bin/env bash
# From a fresh clone to a running trustd with the histories of real alliances in it. `deploy/quickstart.sh --help` says the rest.
set -euo pipefail

usage() {
  cat <<'END'
Usage: deploy/quickstart.sh [--once] [--data DIR] [--listen HOST:PORT] [--programs DIR]

Installs what is missing from the distribution's packages (Debian 12 or 13, as root or with sudo), builds trustd and
trustctl, starts trustd, imports the alliances of deploy/examples/alliances/, shows how far the partners trust each other
and how that came to be, and serves until Ctrl-C. A second run starts at once on the same data and imports nothing twice.
The first run makes a key beside the data, which signs the log's checkpoints; keep DIR, DIR-watermark, DIR-keys and DIR.key
together.

  --once              stop after the demonstration; exits with 0 when all of it succeeded
  --data DIR          keep the store in DIR; default: data/quickstart in this clone
  --listen HOST:PORT  serve there; default: 127.0.0.1:50051
  --programs DIR      run the trustd and trustctl in DIR; installs and builds nothing
  --help              print this
END
}

die() {
  printf 'quickstart: %s\n' "$*" >&2
  exit 1
}

heading() { printf '\n%s==> %s%s\n' "$bold" "$*" "$plain"; }

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi

invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
repository=$PWD
data_directory=$repository/data/quickstart
listen=127.0.0.1:50051
programs='' once=false server_pid='' serving=false stop_wanted=false

absolute() { [[ $1 == /* ]] && printf '%s' "$1" || printf '%s/%s' "$invoked_from" "$1"; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --once) once=true ;;
    --data | --listen | --programs)
      [[ $# -ge 2 && -n $2 ]] || die "$1 wants a value; --help says which"
      case $1 in
        --data) data_directory=$(absolute "$2") ;;
        --listen) listen=$2 ;;
        --programs) programs=$(absolute "$2") ;;
      esac
      shift
      ;;
    --data=*) data_directory=$(absolute "${1#*=}") ;;
    --listen=*) listen=${1#*=} ;;
    --programs=*) programs=$(absolute "${1#*=}") ;;
    --help | -h) usage && exit 0 ;;
    *) die "there is no option $1; --help lists them" ;;
  esac
  shift
done
server_log=$data_directory.log
signing_key=$data_directory.key

# ---------------------------------------------------------------------------------------------------------------------
# The server as a child of this script.

# Waits until the server has ended and returns its exit status. A signal to this script ends a wait early, hence the loop.
wait_for_server_end() {
  local status=0 last=0
  while kill -0 "$server_pid" 2>/dev/null; do
    status=0
    wait "$server_pid" || status=$?
  done
  # When the wait was cut short just before the end, the true status is still to be had.
  if [[ $status -gt 128 ]]; then
    wait "$server_pid" 2>/dev/null || last=$?
    [[ $last -eq 127 ]] || status=$last
  fi
  server_pid=''
  return "$status"
}

# Asks the server to drain and waits until it has ended. Returns its exit status.
stop_server() {
  [[ -n $server_pid ]] || return 0
  kill -TERM "$server_pid" 2>/dev/null || true
  wait_for_server_end
}

# While it serves, the server is told, and this script ends when the server has; before that the EXIT trap stops it.
# shellcheck disable=SC2317  # Called by the trap.
on_signal() {
  stop_wanted=true
  [[ $serving == true ]] || exit 130
  kill -TERM "$server_pid" 2>/dev/null || true
}
trap on_signal INT TERM HUP
trap 'stop_server || true' EXIT

start_server() {
  mkdir -p "$(dirname "$data_directory")"
  if [[ ! -e $signing_key ]]; then
    "$trustctl_program" keygen --name quickstart.example.com --out "$signing_key" >/dev/null || die "no signing key could be made"
  fi
  : >"$server_log"
  "$trustd_program" --listen "$listen" --data_directory "$data_directory" --signing_key_file "$signing_key" >>"$server_log" 2>&1 &
  server_pid=$!
}

# Waits until the server serves. When it ends instead, or takes too long, shows what it said and fails. Its own word is asked for
# first: with a busy port, somebody else's server would answer.
await_server() {
  local deadline=$((SECONDS + 60))
  until grep -q '"message":"serving"' "$server_log"; do
    if ! kill -0 "$server_pid" 2>/dev/null; then
      wait "$server_pid" || true
      server_pid=''
      cat "$server_log" >&2
      die "trustd did not start"
    fi
    if [[ $SECONDS -ge $deadline ]]; then
      cat "$server_log" >&2
      die "trustd was not serving after 60 seconds; its log is $server_log"
    fi
    sleep 0.05
  done
  trustctl wait --timeout 30s
}

# ---------------------------------------------------------------------------------------------------------------------

if [[ -z $programs ]]; then
  # shellcheck source=deploy/packages.sh
  . deploy/packages.sh
  ensure_packages "${build_packages[@]}"
  heading "Building (some minutes the first time, seconds after that)"
  if ! configuring=$(cmake --preset release 2>&1); then
    printf '%s\n' "$configuring" >&2
    die "cmake could not configure the build"
  fi
  cmake --build build/release --target trustd trustctl
  programs=$repository/build/release/services
fi
# The path of a program: in the folder itself, as installed, or one deeper, as built.
find_program() {
  local candidate
  for candidate in "$programs/$1" "$programs/$1/$1"; do
    if [[ -f $candidate && -x $candidate ]]; then
      printf '%s' "$candidate"
      return
    fi
  done
  die "there is no program $1 in $programs"
}
trustd_program=$(find_program trustd)
trustctl_program=$(find_program trustctl)
trustctl() { "$trustctl_program" "$@" --server "$listen"; }

heading "Starting trustd on $listen"
printf 'The store is in %s\nThe log is      %s\nThe key is      %s\n' "$data_directory" "$server_log" "$signing_key"
start_server
await_server

alliances=(deploy/examples/alliances/*.jsonl)
heading "Importing ${#alliances[@]} alliances from deploy/examples/alliances/"
trustctl import "${alliances[@]}"

heading "How far each partner trusts the other: trustctl stage --all"
trustctl stage --all

mapfile -t partnerships <<<"$(sed -n 's/.*"partnership": *"\([a-z0-9-]*\)".*/\1/p' "${alliances[@]}" | sort -u)"
for partnership in "${partnerships[@]}"; do
  heading "How it came to be: trustctl timeline $partnership"
  trustctl timeline "$partnership"
done

heading "To try next, with grpcurl"
cat <<END
grpcurl -plaintext $listen list
grpcurl -plaintext -d '{"partnership": "klm-northwest", "as_of_time": "1999-12-31T00:00:00Z"}' $listen trust.v1.TrustService/AssessTrust
grpcurl -plaintext -d '{"partnership": "klm-northwest"}' $listen trust.v1.HistoryService/ReplayHistory

What an auditor keeps of all that, signed:
$trustctl_program checkpoint --server $listen
END

if [[ $once == true ]]; then
  heading "Stopping trustd"
  stop_server || die "trustd ended with status $?; its log is $server_log"
  exit 0
fi

serving=true
heading "Serving on $listen until Ctrl-C"
status=0
wait_for_server_end || status=$?
if [[ $stop_wanted == true && $status -eq 0 ]]; then
  printf '\nStopped, after the calls under way.\n'
  exit 0
fi
tail -n 5 "$server_log" >&2
die "trustd ended with status $status; its log is $server_log"
