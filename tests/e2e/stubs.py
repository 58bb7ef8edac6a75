"""The protos as Python sees them: `api` is trust.v1, `rpc` google.rpc, `health` grpc.health.v1.

Debian has no Python modules of google.rpc and grpc.health.v1, so all are generated from proto/, anew for each process.
"""

import atexit
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

import grpc

PROTOS = pathlib.Path(__file__).resolve().parents[2] / "proto"


def generate(folder):
    protos = sorted(path.relative_to(PROTOS).as_posix() for part in ("trust/v1", "google/rpc", "grpc/health/v1")
                    for path in (PROTOS / part).glob("*.proto"))
    plugin = shutil.which("grpc_python_plugin")
    if plugin is None:
        raise RuntimeError("grpc_python_plugin is missing: install protobuf-compiler-grpc")
    subprocess.run(["protoc", f"-I{PROTOS}", f"--python_out={folder}", f"--grpc_out={folder}",
                    f"--plugin=protoc-gen-grpc={plugin}", *protos], check=True)
    return [proto.removesuffix(".proto").replace("/", ".") for proto in protos]


def load(modules, package, suffix):
    """Everything that the generated modules of one package define, under one name."""
    names = {}
    for module in modules:
        if module.startswith(package + "."):
            names.update({name: value for name, value in vars(importlib.import_module(module + suffix)).items()
                          if not name.startswith("_")})
    return types.SimpleNamespace(**names)


_folder = tempfile.mkdtemp(prefix="stubs-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_modules = generate(_folder)
sys.path.insert(0, _folder)
grpc.__path__.append(f"{_folder}/grpc")  # The library's own package has no part that lies elsewhere.
sys.dont_write_bytecode = True

api = load(_modules, "trust.v1", "_pb2")
services = load(_modules, "trust.v1", "_pb2_grpc")
rpc = load(_modules, "google.rpc", "_pb2")
health = load(_modules, "grpc.health.v1", "_pb2")
health_services = load(_modules, "grpc.health.v1", "_pb2_grpc")
