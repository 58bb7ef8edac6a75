"""The Kustomize base and the compose file: valid, and at one with the programs, the image and haproxy.cfg.

    manifests_test.py PROGRAMS [unittest's arguments]

PROGRAMS is the folder of trustd and trustctl.
"""

import copy
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
# Where tests/run.sh puts the schemas of Kubernetes, with the version of a library that they need.
SCHEMAS = REPOSITORY / "build" / "tools" / "kubernetes-validate"
# The oldest release that the base is for, and a newer one.
KUBERNETES = ("1.27", "1.34")
PROGRAMS = pathlib.Path()


def text_of(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def version():
    return re.search(r"^project\(trustd VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE).group(1)


def proxy_value(name):
    """A value that stands at the top of haproxy.cfg."""
    return re.search(rf"^\s*presetenv {name}\s+(\S+)$", text_of("haproxy.cfg"), re.MULTILINE).group(1)


def mib(size):
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi|m|g)", size).groups()
    return int(number) * {"Mi": 1, "m": 1, "Gi": 1024, "g": 1024}[unit]


def flags_of(text):
    return dict(re.findall(r"^--(\w+)=(.*)$", text, re.MULTILINE))


def program(name):
    return str(next(path for path in (PROGRAMS / name, PROGRAMS / name / name) if path.is_file()))


def known_flags():
    printed = subprocess.run([program("trustd"), "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  --(\w+)", printed, re.MULTILINE)) | {"flagfile"}


def haproxy_takes(environment, folders):
    """What HAProxy says of haproxy.cfg in an environment in which `folders` stand for others; empty when it takes it."""
    for inside, outside in folders.items():
        environment = {name: value.replace(inside, str(outside)) for name, value in environment.items()}
    haproxy = shutil.which("haproxy", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    outcome = subprocess.run([haproxy, "-c", "-f", str(DEPLOY / "haproxy.cfg")], capture_output=True, text=True, check=False,
                             env={"PATH": "/usr/sbin:/usr/bin:/bin", "PROXY_USER": "", **environment})
    return "" if outcome.returncode == 0 else outcome.stdout + outcome.stderr


class ManifestsCase(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def new_certificate(self):
        """The files of a certificate that is its own authority, and of its key."""
        folder = self.folder()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=trustd",
                        "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")], capture_output=True, check=True)
        shutil.copy(folder / "tls.crt", folder / "ca.crt")
        return folder

    def expect_probe_tells(self, probe):
        """The command of a probe tells a server that serves from one that is not there."""
        self.assertEqual(probe[0], "trustctl")
        folder = self.folder()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [program("trustctl"), "--server", address, *probe[1:]]
        with subprocess.Popen([program("trustd"), f"--listen={address}", f"--data_directory={folder}/store"], stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as server:
            try:
                subprocess.run([program("trustctl"), "--server", address, "wait"], check=True, timeout=60)
                self.assertEqual(subprocess.run(command, check=False, timeout=60).returncode, 0)
            finally:
                server.terminate()
        self.assertNotEqual(subprocess.run(command, capture_output=True, check=False, timeout=60).returncode, 0)


class KubernetesTest(ManifestsCase):
    def setUp(self):
        self.base = yaml.safe_load(text_of("kustomization.yaml"))
        self.objects = [one for path in self.base["resources"] for one in yaml.safe_load_all(text_of(path))]
        self.server = self.object("StatefulSet")["spec"]["template"]["spec"]
        self.trustd, self.proxy = self.container("trustd"), self.container("proxy")

    def object(self, kind):
        return next(one for one in self.objects if one["kind"] == kind)

    def container(self, name):
        return next(one for one in self.server["containers"] if one["name"] == name)

    def pods(self):
        return [self.server, self.object("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]]

    def test_kustomize_finds_each_file_below_its_folder_and_no_manifest_is_left_out(self):
        files = [entry.split("=")[-1] for made in self.base["configMapGenerator"] for entry in made["files"]]
        for path in [*self.base["resources"], *files]:
            self.assertTrue((DEPLOY / path).resolve().is_relative_to(DEPLOY) and (DEPLOY / path).is_file(), path)
        self.assertEqual(set(self.base["resources"]), {f"kubernetes/{path.name}" for path in DEPLOY.glob("kubernetes/*.yaml")})

    def test_every_object_is_as_its_schema_wants_it(self):
        sys.path.insert(0, str(SCHEMAS))
        import kubernetes_validate

        for release in KUBERNETES:
            for one in self.objects:
                kubernetes_validate.validate(one, release, strict=True)
            misspelt = copy.deepcopy(self.object("StatefulSet"))
            misspelt["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
            with self.assertRaises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(misspelt, release, strict=True)

    def test_the_images_are_those_of_the_containerfile_in_the_projects_version(self):
        used = {container["image"] for pod in self.pods() for container in pod["containers"]}
        self.assertEqual(used, {image["name"] for image in self.base["images"]})
        self.assertEqual({image["newTag"] for image in self.base["images"]}, {version()})
        for name in used:
            for place in ("Containerfile", "README.md"):
                self.assertIn(f"buildah build --file deploy/Containerfile --tag {name}:{version()} ", text_of(place))

    def test_trustd_knows_each_flag_and_keeps_what_it_writes_on_a_volume(self):
        flags = flags_of(text_of("kubernetes/trustd.flags"))
        flags.update(flags_of("\n".join(self.trustd["args"])))
        self.assertLessEqual(set(flags), known_flags())
        claimed = {claim["metadata"]["name"] for claim in self.object("StatefulSet")["spec"]["volumeClaimTemplates"]}
        kept = [mount["mountPath"] + "/" for mount in self.trustd["volumeMounts"] if mount["name"] in claimed]
        self.assertEqual(len(kept), len(claimed))
        for name in ("data_directory", "backup_directory", "keys_backup_directory"):
            self.assertTrue(any(flags[name].startswith(place) for place in kept), flags[name])
        mounted = next(mount["mountPath"] for mount in self.trustd["volumeMounts"] if mount["name"] == "flags")
        self.assertEqual(flags["flagfile"], f"{mounted}/trustd.flags")

    def test_each_mount_has_its_volume_and_each_configuration_is_generated(self):
        claimed = {claim["metadata"]["name"] for claim in self.object("StatefulSet")["spec"]["volumeClaimTemplates"]}
        for pod in self.pods():
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            for container in pod["containers"]:
                self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, set(volumes) | claimed)
            made = {volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume}
            self.assertLessEqual(made, {entry["name"] for entry in self.base["configMapGenerator"]})

    def test_the_ports_lead_from_the_service_by_the_proxy_to_trustd(self):
        service = self.object("Service")["spec"]
        self.assertEqual(service["selector"], self.object("StatefulSet")["spec"]["template"]["metadata"]["labels"])
        port = next(port for port in self.proxy["ports"] if port["name"] == service["ports"][0]["targetPort"])
        self.assertEqual(str(port["containerPort"]), proxy_value("PROXY_PORT"))
        self.assertEqual(flags_of(text_of("kubernetes/trustd.flags"))["listen"], proxy_value("TRUSTD_BACKEND"))
        self.assertNotIn("ports", self.trustd)
        client = {entry["name"]: entry["value"] for entry in self.pods()[1]["containers"][0]["env"]}
        self.assertEqual(client["TRUSTCTL_SERVER"], f"{self.object('Service')['metadata']['name']}:{service['ports'][0]['port']}")
        allowed = self.object("NetworkPolicy")["spec"]["ingress"][0]["ports"]
        self.assertEqual([entry["port"] for entry in allowed], [port["name"]])

    def test_nobody_is_root_and_nothing_may_become_it(self):
        users = dict(zip(("trustd-proxy", "trustd"), re.findall(r"^USER (\d+):", text_of("Containerfile"), re.MULTILINE)))
        for pod in self.pods():
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
            self.assertEqual(str(pod["securityContext"]["fsGroup"]), users["trustd"])
            for container in pod["containers"]:
                context = {**pod["securityContext"], **container["securityContext"]}
                self.assertEqual(str(context["runAsUser"]), users[container["image"]])
                self.assertFalse(context["allowPrivilegeEscalation"])
                self.assertTrue(context["readOnlyRootFilesystem"])
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]})

    def test_the_memory_of_trustd_is_twice_what_it_plans_with(self):
        planned = int(flags_of(text_of("kubernetes/trustd.flags"))["memory_mib"])
        self.assertEqual(mib(self.trustd["resources"]["limits"]["memory"]), 2 * planned)
        self.assertGreater(mib(self.trustd["resources"]["requests"]["memory"]), planned)

    def test_the_probes_tell_a_server_that_serves_from_one_that_does_not(self):
        probes = [self.trustd[name] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
        self.assertEqual(len({tuple(probe["exec"]["command"]) for probe in probes}), 1)
        self.expect_probe_tells(probes[0]["exec"]["command"])
        # Its own end comes before the kubelet's, so that it says what was wrong.
        for probe in probes:
            self.assertLess(int(probe["exec"]["command"][-1].removesuffix("s")), probe["timeoutSeconds"])

    def test_the_proxy_takes_the_secret_as_it_is_mounted(self):
        certificate, mounted = self.new_certificate(), self.folder()
        secret = next(volume["secret"] for volume in self.server["volumes"] if volume["name"] == "tls")
        for item in secret["items"]:
            shutil.copy(certificate / item["key"], mounted / item["path"])
        environment = {entry["name"]: entry["value"] for entry in self.proxy["env"]}
        place = next(mount["mountPath"] for mount in self.proxy["volumeMounts"] if mount["name"] == "tls")
        self.assertEqual(haproxy_takes(environment, {place: mounted}), "")
        (mounted / "proxy.pem.key").unlink()
        self.assertIn("No Private Key", haproxy_takes(environment, {place: mounted}))

    def test_the_backup_job_calls_a_verb_with_the_names_that_trustctl_reads(self):
        job = self.pods()[1]["containers"][0]
        said = subprocess.run([program("trustctl"), "help", job["command"][1]], capture_output=True, text=True, check=True).stdout
        self.assertIn("backup", said)
        told = subprocess.run([program("trustctl"), *job["command"][1:]], capture_output=True, text=True, check=False,
                              env={entry["name"]: entry["value"] for entry in job["env"]}).stderr
        self.assertIn("/etc/trustd-client/", told)


class KustomizeTest(ManifestsCase):
    def test_kubectl_renders_what_the_tests_read(self):
        if shutil.which("kubectl") is None:
            self.skipTest("there is no kubectl here")
        rendered = subprocess.run(["kubectl", "kustomize", str(DEPLOY)], capture_output=True, text=True, check=True).stdout
        objects = list(yaml.safe_load_all(rendered))
        self.assertEqual({(one["kind"], re.sub(r"-[a-z0-9]{10}$", "", one["metadata"]["name"])) for one in objects},
                         {("ConfigMap", "trustd-flags"), ("ConfigMap", "trustd-proxy"), ("CronJob", "trustd-backup"),
                          ("NetworkPolicy", "trustd"), ("Service", "trustd"), ("StatefulSet", "trustd")})
        made = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
        self.assertIn(text_of("haproxy.cfg"), [data.get("haproxy.cfg") for data in made.values()])
        server = next(one for one in objects if one["kind"] == "StatefulSet")["spec"]["template"]["spec"]
        self.assertEqual({volume["configMap"]["name"] for volume in server["volumes"] if "configMap" in volume}, set(made))
        self.assertEqual({container["image"] for container in server["containers"]}, {f"trustd:{version()}", f"trustd-proxy:{version()}"})


class ComposeTest(ManifestsCase):
    def setUp(self):
        self.services = yaml.safe_load(text_of("compose.yaml"))["services"]
        self.trustd, self.proxy = self.services["trustd"], self.services["proxy"]

    def test_docker_compose_takes_it(self):
        command = ["docker-compose", "--file", str(DEPLOY / "compose.yaml"), "config"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.assertEqual(set(yaml.safe_load(said)["services"]), {"trustd", "proxy"})
        planted = self.folder() / "compose.yaml"
        planted.write_text(text_of("compose.yaml").replace("read_only:", "read_onely:"), encoding="utf-8")
        self.assertNotEqual(subprocess.run([*command[:2], str(planted), "config"], capture_output=True, check=False).returncode, 0)

    def test_it_has_the_images_and_the_memory_of_the_kubernetes_base(self):
        self.assertEqual([service["image"] for service in (self.trustd, self.proxy)], [f"trustd:{version()}", f"trustd-proxy:{version()}"])
        server = next(yaml.safe_load_all(text_of("kubernetes/server.yaml")))["spec"]["template"]["spec"]["containers"]
        for service, container in zip((self.trustd, self.proxy), server):
            self.assertEqual(mib(service["mem_limit"]), mib(container["resources"]["limits"]["memory"]))
        self.assertEqual(self.proxy["environment"], {entry["name"]: entry["value"] for entry in server[1]["env"]})
        self.assertEqual(self.trustd["healthcheck"]["test"], ["CMD", *server[0]["livenessProbe"]["exec"]["command"]])

    def test_the_proxy_reads_the_configuration_beside_it_and_stands_where_trustd_listens(self):
        mounts = dict(volume.rsplit(":", 2)[:2] for volume in self.proxy["volumes"])
        self.assertEqual(mounts["./haproxy.cfg"], "/etc/haproxy/haproxy.cfg")
        self.assertEqual(self.proxy["network_mode"], "service:trustd")
        self.assertEqual(self.trustd["ports"], [f"{proxy_value('PROXY_PORT')}:{proxy_value('PROXY_PORT')}"])
        self.assertEqual(self.trustd["volumes"], ["histories:" + re.search(r"^VOLUME (\S+)", text_of("Containerfile"), re.MULTILINE).group(1)])

    def test_the_proxy_takes_what_lies_in_its_folder(self):
        certificate, mounted = self.new_certificate(), self.folder()
        (mounted / "proxy.pem").write_bytes((certificate / "tls.crt").read_bytes() + (certificate / "tls.key").read_bytes())
        shutil.copy(certificate / "ca.crt", mounted / "clients-ca.pem")
        self.assertEqual(haproxy_takes(self.proxy["environment"], {"/etc/trustd-tls": mounted}), "")


if __name__ == "__main__":
    PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful() or outcome.testsRun == 0:
        sys.exit(1)
    sys.exit(77 if outcome.skipped else 0)
