#!/usr/bin/env bash
# Builds the audit verifier: tests/audit_verifier/build.sh TOOLS. Generates its stubs from proto/ in TOOLS/audit-verifier, and
# puts trustd-audit-verifier into TOOLS/bin. Go's caches stay below TOOLS, and are removed at the end.
set -euo pipefail

protoc_gen_go_version=v1.31.0
protoc_gen_go_grpc_version=v1.3.0

mkdir -p "$1"
tools=$(realpath "$1")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
protos=$(realpath "$here/../../proto")
work=$tools/audit-verifier
export GOPATH=$tools/audit-go GOBIN=$work/bin GOCACHE=$tools/audit-go/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local

rm -rf "$work"
mkdir -p "$work/bin" "$work/trustv1" "$tools/bin"
cp "$here"/go.mod "$here"/go.sum "$here"/*.go "$work"
go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go_version"
go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$protoc_gen_go_grpc_version"

# The protos name no Go package, so each is mapped to one here.
mapping=Mgoogle/rpc/status.proto=google.golang.org/genproto/googleapis/rpc/status
mapfile -t files < <(cd "$protos" && printf '%s\n' trust/v1/*.proto)
for file in "${files[@]}"; do mapping+=,M$file=auditverifier/trustv1; done
protoc -I "$protos" --plugin="protoc-gen-go=$work/bin/protoc-gen-go" \
  --plugin="protoc-gen-go-grpc=$work/bin/protoc-gen-go-grpc" \
  --go_out="$work" --go_opt="module=auditverifier,$mapping" --go-grpc_out="$work" --go-grpc_opt="module=auditverifier,$mapping" \
  "${files[@]}"
(cd "$work" && go build -o "$tools/bin/trustd-audit-verifier" .)
rm -rf "$tools/audit-go" "$work"
