# shellcheck shell=bash
# What must be on the machine, as packages of Debian 12 and 13, and how it gets there. Sourced, never run:
# deploy/quickstart.sh needs build_packages, tests/run.sh those and test_packages.
#
# A row is: package, kind, probe. Where Debian's own record does not know the package, the probe decides:
#   command  a program of that name on the PATH, however it was installed;
#   header   a header that the C++ compiler finds. On Debian itself only the package counts;
#   fuzzer   that clang++ links a program with its fuzzer, whatever the probe. The same.

# shellcheck disable=SC2034  # Used by the scripts that source this.
build_packages=(
  "cmake                  command cmake"
  "ninja-build            command ninja"
  "g++                    command g++"
  "protobuf-compiler      command protoc"
  "protobuf-compiler-grpc command grpc_cpp_plugin"
  "libprotobuf-dev        header  google/protobuf/message.h"
  "libgrpc++-dev          header  grpcpp/grpcpp.h"
  "libabsl-dev            header  absl/status/statusor.h"
  "librocksdb-dev         header  rocksdb/db.h"
  "libssl-dev             header  openssl/evp.h"
  "libjwt-dev             header  jwt.h"
  "pkg-config             command pkg-config"
  "libjemalloc-dev        header  jemalloc/jemalloc.h"
  "node-d3                file    /usr/share/nodejs/d3/dist/d3.min.js"
  "prometheus-cpp-dev     header  prometheus/exposer.h"
)

# prometheus is there for promtool alone; no smaller package has it. Where systemd runs, its server starts with it: systemctl disable --now prometheus.
# shellcheck disable=SC2034
test_packages=(
  "libgtest-dev           header  gtest/gtest.h"
  "libgmock-dev           header  gmock/gmock.h"
  "libbenchmark-dev       header  benchmark/benchmark.h"
  "prometheus             command promtool"
  "python3                command /usr/bin/python3"
  "python3-cryptography   python  cryptography"
  "python3-grpcio         python  grpc"
  "python3-protobuf       python  google.protobuf"
  "python3-h2             python  h2"
  "python3-pip            python  pip"
  "python3-yaml           python  yaml"
  "buildah                command buildah"
  "docker-compose         command docker-compose"
  "dpkg-dev               command dpkg-shlibdeps"
  "file                   command file"
  "lintian                command lintian"
  "mmdebstrap             command mmdebstrap"
  "systemd                command systemd-analyze"
  "systemd-container      command systemd-nspawn"
  "haproxy                command haproxy"
  "openssl                command openssl"
  "rocksdb-tools          command db_bench"
  "ca-certificates        file    /etc/ssl/certs/ca-certificates.crt"
  "ccache                 command ccache"
  "curl                   command curl"
  "man-db                 command man"
  "chromium               command chromium"
  "clang                  command clang++"
  "clang-format           command clang-format"
  "clang-tidy             command clang-tidy"
  "e2fsprogs              command mkfs.ext4"
  "eatmydata              command eatmydata"
  "fish                   command fish"
  "git                    command git"
  "gnuplot-nox            command gnuplot"
  "golang-go              command go"
  "groff-base             command groff"
  "libclang-rt-dev        fuzzer  -"
  "nodejs                 command node"
  "npm                    command npm"
  "shellcheck             command shellcheck"
  "zsh                    command zsh"
)

# Succeeds on Debian 12 and later. Others may have the same names for other contents, so nothing is installed there.
on_debian() {
  local identity version
  [[ -r /etc/os-release ]] || return 1
  identity=$(. /etc/os-release && printf '%s' "${ID:-}")
  version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-99}")  # Testing and unstable have none.
  [[ $identity == debian && ${version%%.*} -ge 12 ]]
}

# Succeeds when what a row's probe asks for is there.
probe_succeeds() {
  local kind=$1 probe=$2
  case $kind in
    command) command -v "$probe" >/dev/null ;;
    file) [[ -e $probe ]] ;;
    fuzzer) clang++ -fsanitize=fuzzer,address -x c++ -o /dev/null - 2>/dev/null <<<'extern "C" int LLVMFuzzerTestOneInput() { return 0; }' ;;
    python) [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c "import $probe" 2>/dev/null ;;
    header)
      command -v g++ >/dev/null && g++ -std=c++20 -fsyntax-only -x c++ - <<<"#if !__has_include(<$probe>)
#error
#endif" 2>/dev/null
      ;;
    *) printf 'packages.sh: %s is no kind of probe\n' "$kind" >&2 && return 2 ;;
  esac
}

# Prints the packages of the rows given that are missing, a line each. Needs no network.
missing_packages() {
  local installed='' row package kind probe
  if on_debian; then
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
  fi
  for row in "$@"; do
    read -r package kind probe <<<"$row"
    grep -qxF -- "$package" <<<"$installed" && continue
    if on_debian && [[ $kind != command && $kind != file ]]; then
      printf '%s\n' "$package"
    elif ! probe_succeeds "$kind" "$probe"; then
      printf '%s\n' "$package"
    fi
  done
}

# Says which packages are missing and why they are not installed. Always fails.
refuse_missing() {
  local reason=$1
  shift
  {
    printf '\n%s\nMissing, by the names of Debian'\''s packages:\n\n' "$reason"
    printf '  %s\n' "$@"
    printf '\nInstall them, or what your system has in their place, and run this again. On Debian, as root:\n\n'
    printf '  apt-get update && apt-get install --no-install-recommends %s\n' "$*"
  } >&2
  return 1
}

# Sees to it that the packages of the rows given are there, installing those that are missing. Fails, and says exactly which
# are missing, on another distribution, without the right to install, or when the installation fails.
ensure_packages() {
  local listed missing become_root=()
  listed=$(missing_packages "$@")
  [[ -n $listed ]] || return 0
  mapfile -t missing <<<"$listed"
  if ! on_debian; then
    refuse_missing 'This is not Debian 12 or later, so nothing is installed here.' "${missing[@]}"
    return
  fi
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
      refuse_missing 'Installing packages takes root or sudo, and neither is at hand.' "${missing[@]}"
      return
    fi
    become_root=(sudo)
  fi
  printf 'Installing %d packages of the distribution: %s\n' "${#missing[@]}" "${missing[*]}"
  local apt=("${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update </dev/null >/dev/null ||
    printf 'Some package lists could not be refreshed; going on with those that are known.\n' >&2
  if ! "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null; then
    refuse_missing 'The packages could not be installed; the reason stands above.' "${missing[@]}"
    return
  fi
  listed=$(missing_packages "$@")
  [[ -n $listed ]] || return 0
  mapfile -t missing <<<"$listed"
  refuse_missing 'The installation ended well, yet something is missing.' "${missing[@]}"
}
