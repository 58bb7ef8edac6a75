#!/usr/bin/env bash
# Measures the service beside the peers that can be had: installs them into build/tools/peers, runs all of them in turns.
set -euo pipefail

usage() {
  cat <<'END'
Usage: tests/benchmark/compare/compare.sh --programs DIR --data-directory DIR [OPTION...]

Installs Message DB and Emmett with PostgreSQL, UmaDB, etcd and immudb, as far as they can be had here, and prints one JSON
object a line: the service beside the best of them, and each of them. tests/benchmark/run.sh --compare calls it. Fails when no
peer has run; a peer that has not is told of.

  --programs DIR        the directory of benchmark_server and benchmark_client
  --data-directory DIR  a directory on a disk; every store is made below it and removed at the end
  OPTION                passed on to compare.py: --output FILE, --rounds N, --round-ms MS, --peers LIST, ...
  --help                print this
END
}

case ${1:-} in --help | -h) usage && exit 0 ;; esac

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
tools=$repository/build/tools/peers
umadb_version=0.7.8

# shellcheck source=deploy/packages.sh
. "$repository/deploy/packages.sh"

absent=()
# Runs an installation; when it fails, the peers named are left out, with the last that it said.
install_for() {
  local peers=$1 log=$tools/$2.log peer reason
  shift
  printf 'Installing %s\n' "$peers" >&2
  # A subshell of its own keeps errexit, which a condition would switch off.
  set +e
  (set -e; "$@") >"$log" 2>&1 </dev/null
  local failed=$?
  set -e
  ((failed)) || return 0
  reason=$(grep -v '^[[:space:]]*$' "$log" | tail -n 2 | tr '\n' ' ' | cut -c 1-400)
  for peer in $peers; do absent+=(--absent "$peer=could not be installed: ${reason:-$1 failed}"); done
}

# The newest cluster programs that are here.
postgres_programs() { compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 | xargs -r dirname; }

install_on_postgres() {
  [[ -n $(postgres_programs) ]] || ensure_packages "postgresql file -"
  [[ -n $(postgres_programs) ]]
  ensure_packages "nodejs command node" "npm command npm" "postgresql-client command psql"
  cp "$here"/*.js "$tools"
  if cmp -s "$here/package-lock.json" "$tools/installed-lock.json"; then return; fi
  cp "$here/package.json" "$here/package-lock.json" "$tools"
  npm_config_cache=$tools/npm npm_config_update_notifier=false \
    npm ci --silent --prefix "$tools" --no-audit --no-fund --ignore-scripts --omit=optional
  cp "$here/package-lock.json" "$tools/installed-lock.json"
}

install_umadb() {
  [[ ! -e $tools/python/umadb-$umadb_version.dist-info ]] || return 0
  ensure_packages "python3-pip python pip"
  rm -rf "$tools/python"
  /usr/bin/python3 -m pip install --quiet --no-deps --only-binary :all: --no-cache-dir --disable-pip-version-check \
    --root-user-action=ignore --target "$tools/python.new" "umadb==$umadb_version"
  mv "$tools/python.new" "$tools/python"
}

# Nothing but the toolchain that is here: a newer one that a module asks for is not fetched. What was built of the same sources
# stays.
install_go_peer() {
  local sources
  ensure_packages "golang-go command go"
  sources=$(cd "$here/go_peers" && cat go.mod go.sum load/*.go "$1"/*.go | sha256sum)
  if [[ -x $tools/bin/$1 && $(cat "$tools/$1.sources") == "$sources" ]]; then return; fi
  (
    cd "$here/go_peers"
    export GOPATH=${GOPATH:-$tools/go} GOCACHE=${GOCACHE:-$tools/go/cache} GOFLAGS=-modcacherw GOTOOLCHAIN=local
    go build -buildvcs=false -mod=readonly -o "$tools/bin/$1" "./$1"
  )
  printf '%s\n' "$sources" >"$tools/$1.sources"
}

mkdir -p "$tools/bin"
install_for "message_db emmett" install_on_postgres
install_for umadb install_umadb
install_for etcd install_go_peer etcd_peer
install_for immudb install_go_peer immudb_peer
rm -rf "$tools/go" "$tools/npm"  # Caches, for the installations alone.

postgres=$(postgres_programs)
/usr/bin/python3 -B "$here/compare.py" --tools "$tools" --postgres "${postgres:-.}" "${absent[@]}" "$@"
