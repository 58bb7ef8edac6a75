#!/usr/bin/env bash
# Builds a Go program that speaks trust.v1: tests/build_go_program.sh SOURCES NAME TOOLS. SOURCES is its directory, whose module
# imports its stubs from MODULE/trustv1; they are generated from proto/. Puts NAME into TOOLS/bin. Go's caches are below
# TOOLS/go, for the next program; whoever has built the last removes them.
set -euo pipefail

protoc_gen_go_version=v1.31.0
protoc_gen_go_grpc_version=v1.3.0

sources=$(realpath "$1")
name=$2
mkdir -p "$3/bin"
tools=$(realpath "$3")
protos=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../proto")
module=$(sed -n 's/^module //p' "$sources/go.mod")
work=$tools/$name.build
export GOPATH=$tools/go GOBIN=$work/bin GOCACHE=$tools/go/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local

rm -rf "$work"
mkdir -p "$work/bin" "$work/trustv1"
cp "$sources"/go.mod "$sources"/go.sum "$sources"/*.go "$work"
go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go_version"
go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$protoc_gen_go_grpc_version"

# The protos name no Go package, so each is mapped to one here.
mapping=Mgoogle/rpc/status.proto=google.golang.org/genproto/googleapis/rpc/status
mapfile -t files < <(cd "$protos" && printf '%s\n' trust/v1/*.proto)
for file in "${files[@]}"; do mapping+=,M$file=$module/trustv1; done
protoc -I "$protos" --plugin="protoc-gen-go=$work/bin/protoc-gen-go" \
  --plugin="protoc-gen-go-grpc=$work/bin/protoc-gen-go-grpc" \
  --go_out="$work" --go_opt="module=$module,$mapping" --go-grpc_out="$work" --go-grpc_opt="module=$module,$mapping" \
  "${files[@]}"
(cd "$work" && go build -buildvcs=false -o "$tools/bin/$name" .)
rm -rf "$work"
