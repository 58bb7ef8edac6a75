"""Who may call what: every method against every role and every state of a certificate, hostile tokens, limits of grants, and the
change of all of it while the server runs. The server and its peers are real; certificates and tokens are made anew each time."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest
import uuid

import grpc
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.protobuf import descriptor_pool

import authority
import server
import story
from authority import Authority, Issuer, write
from server import REPOSITORY, SECONDS_MAX, Process, Refusal, ServerTest, program
from stubs import api, health, health_services, services

ROLES = ("recorder", "reader", "auditor", "operator", "policy-maker")
READS = {"reader", "auditor"}
ALL = set(ROLES)
# Who may call what, written down a second time, by hand: the protos say it too, and the two must agree.
METHODS = {
    "trust.v1.PartnershipService": {
        **dict.fromkeys(("CreatePartnership", "AddPartner", "RemovePartner", "DeclareTie", "AssignContact", "ReleaseContact",
                         "RecordMilestone", "SuspendPartnership", "ResumePartnership", "TerminatePartnership"), {"recorder"}),
        **dict.fromkeys(("GetPartnership", "ListPartnerships"), READS | {"recorder", "policy-maker"}),
        "GetContact": READS,
    },
    "trust.v1.EvidenceService": dict.fromkeys(
        ("RecordEvidence", "BatchRecordEvidence", "ImportHistory", "CorrectEvidence", "RetractEvidence", "ConfirmEvidence",
         "ContestEvidence"), {"recorder"}),
    "trust.v1.TrustService": {
        **dict.fromkeys(("AssessTrust", "ExplainTrust", "GetTrustTimeline", "WatchTrust", "VerifyAssessment", "ListAttention"), READS),
        **dict.fromkeys(("SimulatePolicy", "ListRestatements"), READS | {"policy-maker"}),
        "IssueAssessment": {"recorder"},
    },
    "trust.v1.HistoryService": {
        **dict.fromkeys(("ListEvents", "ReplayHistory", "WatchEvents"), READS), "ResolveTime": READS | {"recorder"}},
    "trust.v1.AuditService": {
        **dict.fromkeys(("GetCheckpoint", "GetConsistencyProof"), ALL - {"policy-maker"}),
        "GetInclusionProof": {"auditor"}, "ExportAudit": {"auditor"}, "VerifyLog": {"auditor", "operator"},
    },
    "trust.v1.PolicyService": {
        **dict.fromkeys(("PublishPolicy", "ActivatePolicy", "PinPolicy"), {"policy-maker"}),
        **dict.fromkeys(("GetPolicy", "ListPolicies"), ALL)},
    "trust.v1.AdminService": dict.fromkeys(("EraseContact", "PlaceLegalHold", "ReleaseLegalHold", "CreateBackup", "GetServerStatus"),
                                                  {"operator"}),
    "grpc.health.v1.Health": dict.fromkeys(("Check", "Watch"), ALL | {"nobody"}),
    "grpc.reflection.v1alpha.ServerReflection": {"ServerReflectionInfo": ALL},
    "grpc.channelz.v1.Channelz": {"GetServers": set()},
    "made.up.Service": {"Method": set()},
}
DENIED = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}


def grants(**more):
    return {"grants": [*({"principals": [f"spiffe://example.org/{role}"], "roles": [role]} for role in ROLES), *more.values()]}


def outcome(channel, path, request=b"", metadata=None):
    """The code with which a call ends that sends these bytes; what streams is cut when it begins to answer."""
    call = channel.stream_stream(f"/{path}")(iter([request]), timeout=SECONDS_MAX, metadata=metadata)
    try:
        for _ in call:
            call.cancel()
            return grpc.StatusCode.OK
        return call.code()
    except grpc.RpcError as error:
        return error.code()
    finally:
        call.cancel()


def all_paths():
    return [f"{service}/{method}" for service, methods in METHODS.items() for method in methods]


class IdentityCase(ServerTest):
    """A server that speaks TLS, with its files in a folder; who connects is up to the test."""

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.peers = {role: cls.authority.issue(role, [f"spiffe://example.org/{role}"]) for role in (*ROLES, "nobody")}

    def setUp(self):
        super().setUp()
        self.identity = self.folder / "identity"
        self.identity.mkdir()
        shown = self.authority.issue("trustd")
        write(self.identity / "cert.pem", shown.certificate)
        write(self.identity / "key.pem", shown.key)
        write(self.identity / "ca.pem", self.authority.pem)
        write(self.identity / "crl.pem", self.authority.revoke())
        write(self.identity / "permissions.json", json.dumps(grants()))

    def flags(self, *names, **files):
        known = {"tls_certificate_file": "cert.pem", "tls_key_file": "key.pem", "tls_client_ca_file": "ca.pem",
                 "tls_crl_file": "crl.pem", "permission_file": "permissions.json", "token_key_file": "keys.json"}
        chosen = names or ("tls_certificate_file", "tls_key_file", "tls_client_ca_file", "tls_crl_file", "permission_file")
        return [f"--{name}={self.identity / known[name]}" for name in chosen] + [f"--{name}={path}" for name, path in files.items()]

    def serve(self, *flags, listen="127.0.0.1:0", directory="store"):
        process = Process(self.folder / directory, *(flags or self.flags()), listen=listen)
        self.addCleanup(lambda: process.running and process.kill())
        serving = process.await_log("serving")
        if serving is None:
            raise AssertionError(process.log)
        self.process, self.address = process, serving["address"]
        return process

    def channel(self, holder=None, trust=None):
        credentials = grpc.ssl_channel_credentials(trust or self.authority.pem, *((holder.key, holder.certificate) if holder else ()))
        channel = grpc.secure_channel(self.address, credentials, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200),
            ("grpc.min_reconnect_backoff_ms", 10_000)])  # The time of one attempt, in spite of its name.
        self.addCleanup(channel.close)
        return channel

    def mismatches(self, allowed, observe):
        """The methods for which what a caller may is not what it observed."""
        wrong = []
        for path in all_paths():
            service, method = path.split("/")
            code = observe(path)
            if (code not in DENIED) != (allowed & METHODS[service][method] != set()):
                wrong.append((path, code.name))
        return wrong


class ReadmeFilesTest(IdentityCase):
    """What deploy/README.md shows of flags and files is what a server takes."""

    def blocks(self):
        text = (REPOSITORY / "deploy" / "README.md").read_text(encoding="utf-8")
        return re.findall(r"^<!-- tests/e2e/identity_test.py runs this. -->\n```\w*\n(.*?)```", text, re.MULTILINE | re.DOTALL)

    def test_a_server_takes_the_flags_and_grants_what_the_files_say(self):
        command, permissions, tokens = self.blocks()
        words = command.replace("\\\n", " ").split()
        self.assertEqual(words[0], "trustd")
        names = [word.removeprefix("--").split("=")[0] for word in words[1:]]
        self.assertEqual(names.pop(0), "listen")
        issuer = Issuer()
        shown = json.loads(tokens)
        # The key is left out on the page; everything else is as it stands there.
        [key] = shown["issuers"][0]["keys"]
        key["publicKey"] = authority.public_pem(issuer.ec)
        write(self.identity / "keys.json", json.dumps(shown))
        write(self.identity / "permissions.json", permissions)
        self.serve(*self.flags(*names, "token_key_file"))
        token = issuer.sign({"alg": key["algorithm"], "typ": "JWT", "kid": key["keyId"]}, issuer.claims("anna"), issuer.ec)
        crm, anna = self.channel(self.authority.issue("crm", ["spiffe://example.org/crm"])), [("authorization", f"Bearer {token}")]
        may = {path: (outcome(crm, path) not in DENIED, outcome(self.channel(), path, metadata=anna) not in DENIED)
               for path in ("trust.v1.PolicyService/GetPolicy", "trust.v1.AdminService/CreateBackup", "trust.v1.PolicyService/PublishPolicy")}
        self.assertEqual(list(may.values()), [(True, True), (False, True), (False, False)], may)


class EveryMethodTest(IdentityCase):
    def test_the_table_of_this_test_names_every_method_there_is(self):
        pool = descriptor_pool.Default()
        for service, methods in METHODS.items():
            if service.startswith("trust."):
                there = {method.name for method in pool.FindServiceByName(service).methods}
                self.assertEqual(set(methods) & there, there, service)
        named = {service for service in METHODS if service.startswith("trust.")}
        files = {name for name in vars(services) if name.endswith("ServiceStub")}
        self.assertEqual({f"trust.v1.{name.removesuffix('Stub')}" for name in files}, named)

    def test_every_role_reaches_its_methods_and_no_other(self):
        self.serve()
        for role in (*ROLES, "nobody"):
            with self.subTest(role=role):
                channel = self.channel(self.peers[role])
                self.assertEqual(self.mismatches({role}, lambda path: outcome(channel, path)), [])

    def test_the_check_finds_a_role_that_reaches_too_much_and_one_that_reaches_too_little(self):
        planted = {"grants": [{"principals": ["spiffe://example.org/reader"], "roles": ["reader", "operator"]}]}
        write(self.identity / "permissions.json", json.dumps(planted))
        self.serve()
        reader, auditor = self.channel(self.peers["reader"]), self.channel(self.peers["auditor"])
        self.assertIn("trust.v1.AdminService/EraseContact",
                      [path for path, _ in self.mismatches({"reader"}, lambda path: outcome(reader, path))])
        self.assertIn("trust.v1.AuditService/ExportAudit",
                      [path for path, _ in self.mismatches({"auditor"}, lambda path: outcome(auditor, path))])

    def test_without_an_accepted_certificate_no_method_is_reached(self):
        stranger, day, now = Authority(), authority.DAY, authority.now()
        names = {role: [f"spiffe://example.org/{role}"] for role in (*ROLES, "nobody")}
        revoked = {role: self.authority.issue(role, uris) for role, uris in names.items()}
        write(self.identity / "crl.pem", self.authority.revoke(*revoked.values()))
        states = {
            "of another authority": lambda role: stranger.issue(role, names[role]),
            "expired": lambda role: self.authority.issue(role, names[role], begin=now - 3 * day, end=now - day),
            "not yet begun": lambda role: self.authority.issue(role, names[role], begin=now + day),
            "revoked": lambda role: revoked[role],
            "of two identities": lambda role: self.authority.issue(role, [*names[role], "spiffe://example.org/other"]),
        }
        self.serve()
        cells = 0
        for state, role, holder in [("none", "whoever", None), *((state, role, issue(role)) for state, issue in states.items() for role in names)]:
            with self.subTest(state=state, role=role):
                channel = self.channel(holder)
                for path in all_paths():
                    # A handshake that fails is all that a peer learns.
                    self.assertEqual(outcome(channel, path), grpc.StatusCode.UNAVAILABLE, path)
                    cells += 1
        print(f"{cells} calls without an accepted certificate", flush=True)
        # The control: the right certificate of each role reaches what everybody may.
        for role in names:
            self.assertEqual(outcome(self.channel(self.peers[role]), "grpc.health.v1.Health/Check"), grpc.StatusCode.OK, role)

    def test_with_tokens_beside_certificates_every_method_refuses_a_caller_that_shows_neither(self):
        write(self.identity / "keys.json", Issuer().key_file())
        self.serve(*self.flags(), f"--token_key_file={self.identity / 'keys.json'}")
        nobody, known = self.channel(), self.channel(self.peers["reader"])
        for path in all_paths():
            self.assertEqual(outcome(nobody, path), grpc.StatusCode.UNAUTHENTICATED, path)
        self.assertEqual(self.mismatches({"reader"}, lambda path: outcome(known, path)), [])

    def test_plain_text_reaches_nothing_where_tls_is_spoken(self):
        self.serve()
        with grpc.insecure_channel(self.address) as channel:
            self.assertEqual(outcome(channel, "grpc.health.v1.Health/Check"), grpc.StatusCode.UNAVAILABLE)


class LimitedGrantTest(IdentityCase):
    """Callers whose grants hold for some partnerships or organizations only."""

    # What a caller that is limited to one partnership may ask, by its fields.
    NAMED = {"partnership", "partnerships"}

    def setUp(self):
        super().setUp()
        everything = [{"principals": ["x509:CN=writer"], "roles": list(ROLES)}]
        limited = [{"principals": ["x509:CN=by-partnership"], "roles": list(ROLES), "partnerships": ["ours"]},
                   {"principals": ["x509:CN=by-organization"], "roles": list(ROLES), "organizations": ["acme"]}]
        write(self.identity / "permissions.json", json.dumps({"grants": everything + limited}))
        self.serve()
        self.writer = self.channel(self.authority.issue("writer"))
        partnerships = services.PartnershipServiceStub(self.writer)
        partnerships.CreatePartnership(self.creation("ours", "acme", "globex"), timeout=SECONDS_MAX)
        partnerships.CreatePartnership(self.creation("theirs", "globex", "initech"), timeout=SECONDS_MAX)

    @staticmethod
    def creation(partnership, *organizations, recorder=None):
        request = story.creation()
        request.partnership, request.recorder = partnership, recorder or organizations[0]
        del request.partners[:]
        for organization in organizations:
            request.partners.add(organization=organization, display_name=organization)
        return request

    def refused(self, channel, path, request):
        return outcome(channel, path, request.SerializeToString()) == grpc.StatusCode.PERMISSION_DENIED

    def test_a_limited_grant_covers_its_partnership_and_no_other_in_every_method(self):
        pool = descriptor_pool.Default()
        by_partnership = self.channel(self.authority.issue("by-partnership"))
        by_organization = self.channel(self.authority.issue("by-organization"))
        document = services.PolicyServiceStub(self.writer).GetPolicy(api.GetPolicyRequest(), timeout=SECONDS_MAX).document
        unlimited = {"GetPolicy", "ListPolicies", "GetCheckpoint", "GetConsistencyProof"}  # Of no partnership.
        for service in (name for name in METHODS if name.startswith("trust.")):
            for method in pool.FindServiceByName(service).methods:
                path, kind = f"{service}/{method.name}", getattr(api, method.input_type.name)
                fields = {field.name: field for field in method.input_type.fields}

                def request(partnership, recorder=""):
                    message = kind()
                    if method.name == "SimulatePolicy":
                        message.document.CopyFrom(document)  # Without one the shape is refused first, which tells nothing.
                    if "partnership" in fields and partnership:
                        message.partnership = partnership
                    elif "partnerships" in fields and partnership:
                        message.partnerships.append(partnership)
                    elif method.name == "ImportHistory" and partnership:
                        message.items.add(partnership=partnership, recorder=recorder)
                    if "recorder" in fields:
                        message.recorder = recorder
                    return message

                with self.subTest(method=path):
                    if method.name in unlimited:
                        self.assertFalse(self.refused(by_partnership, path, kind()))
                        self.assertFalse(self.refused(by_organization, path, kind()))
                        continue
                    if method.name == "ListPartnerships":
                        self.assertTrue(self.refused(by_partnership, path, kind()))
                        self.assertTrue(self.refused(by_organization, path, kind()))
                        self.assertTrue(self.refused(by_organization, path, kind(organization="initech")))
                        self.assertFalse(self.refused(by_organization, path, kind(organization="acme")))
                        continue
                    if method.name != "ImportHistory":  # A message without items is about nothing.
                        self.assertTrue(self.refused(by_partnership, path, request("")), "that names none")
                        self.assertTrue(self.refused(by_organization, path, request("")), "that names none")
                    self.assertTrue(self.refused(by_partnership, path, request("theirs", "acme")), "that names another")
                    self.assertTrue(self.refused(by_partnership, path, request("nowhere", "acme")), "that is not there")
                    nameable = self.NAMED & set(fields) or method.name == "ImportHistory"
                    if not nameable:
                        continue
                    self.assertFalse(self.refused(by_partnership, path, request("ours", "acme")))
                    self.assertFalse(self.refused(by_organization, path, request("ours", "acme")))
                    speaks = method.name == "ImportHistory" or METHODS[service][method.name] == {"recorder"} or \
                        method.name == "PinPolicy"
                    if speaks:
                        self.assertTrue(self.refused(by_organization, path, request("ours", "globex")), "in another's name")
                        self.assertTrue(self.refused(by_organization, path, request("ours")), "in nobody's name")
                    if method.name not in ("CreatePartnership", "ImportHistory"):
                        self.assertTrue(self.refused(by_organization, path, request("theirs", "acme")), "of others")

    def test_a_partnership_that_is_not_covered_and_one_that_is_not_there_are_refused_alike(self):
        for name in ("by-partnership", "by-organization"):
            trust = services.TrustServiceStub(self.channel(self.authority.issue(name)))
            there = self.refusal(trust.AssessTrust, api.AssessTrustRequest(partnership="theirs"))
            missing = self.refusal(trust.AssessTrust, api.AssessTrustRequest(partnership="nowhere"))
            self.assertEqual(there, missing)
            self.assertEqual((there.code, there.reason), ("PERMISSION_DENIED", "PERMISSION_DENIED"))
            self.assertNotIn("theirs", there.message)

    def test_a_partner_that_joins_or_leaves_takes_its_grants_along(self):
        trust = services.TrustServiceStub(self.channel(self.authority.issue("by-organization")))
        partnerships = services.PartnershipServiceStub(self.writer)
        request = api.GetTrustTimelineRequest(partnership="theirs")
        self.assert_refused("PERMISSION_DENIED", "PERMISSION_DENIED", trust.GetTrustTimeline, request)
        joining = api.AddPartnerRequest(partnership="theirs", recorder="globex", occur_time=story.time_of("2024-02-01"))
        joining.partner.organization = joining.partner.display_name = "acme"
        partnerships.AddPartner(joining, timeout=SECONDS_MAX)
        trust.GetTrustTimeline(request, timeout=SECONDS_MAX)
        partnerships.RemovePartner(api.RemovePartnerRequest(partnership="theirs", recorder="globex", organization="acme",
                                                             occur_time=story.time_of("2024-03-01")),
                                   timeout=SECONDS_MAX)
        self.assert_refused("PERMISSION_DENIED", "PERMISSION_DENIED", trust.GetTrustTimeline, request)

    def test_what_is_granted_to_organizations_holds_after_a_restart(self):
        self.process.signal(signal.SIGTERM)
        self.assertEqual(self.process.await_end(), 0)
        self.serve()
        trust = services.TrustServiceStub(self.channel(self.authority.issue("by-organization")))
        trust.AssessTrust(api.AssessTrustRequest(partnership="ours"), timeout=SECONDS_MAX)
        self.assert_refused("PERMISSION_DENIED", "PERMISSION_DENIED", trust.AssessTrust,
                            api.AssessTrustRequest(partnership="theirs"))

    def test_an_import_ends_at_the_message_that_it_may_not_send_and_keeps_what_came_before(self):
        evidence = services.EvidenceServiceStub(self.channel(self.authority.issue("by-partnership")))

        def message(*partnerships):
            request = api.ImportHistoryRequest()
            for partnership in partnerships:
                item = request.items.add(partnership=partnership, external_id=f"{partnership}-1", recorder="acme")
                item.partnership_proposed.display_name = partnership
                for organization in ("acme", "globex"):
                    item.partnership_proposed.partners.add(organization=organization, display_name=organization)
            return request

        with self.assertRaises(grpc.RpcError) as caught:
            for _ in evidence.ImportHistory(iter([message("ours"), message("ours", "elsewhere")]), timeout=SECONDS_MAX):
                pass
        refusal = Refusal.of_error(caught.exception)
        self.assertEqual((refusal.code, refusal.reason), ("PERMISSION_DENIED", "PERMISSION_DENIED"))
        unlimited = services.PartnershipServiceStub(self.writer)
        self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", unlimited.GetPartnership,
                            api.GetPartnershipRequest(partnership="elsewhere"))


def hostile_tokens(issuer):
    """Tokens that must be refused, by what is wrong with them (RFC 8725, RFC 7515, RFC 7519)."""
    stranger = Issuer()
    head, rsa_claims = {"alg": "RS256", "typ": "JWT", "kid": "rsa-1"}, issuer.claims()
    good = issuer.sign(head, rsa_claims)
    first, second, third = good.split(".")
    pem = authority.public_pem(issuer.rsa).encode()

    def hmac_token(secret, name="HS256", **more):
        signed = f"{authority.base64url(authority.json_bytes({**head, 'alg': name, **more}))}.{second}"
        return f"{signed}.{authority.base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"

    def unsigned(header, signature=""):
        return f"{authority.base64url(authority.json_bytes(header))}.{second}.{signature}"

    def claim(**changes):
        return issuer.sign(head, issuer.claims(**changes))

    def without(name):
        return issuer.sign(head, {key: value for key, value in rsa_claims.items() if key != name})

    flipped = base64.urlsafe_b64decode(third + "==")
    now = int(time.time())
    tokens = {
        "empty": "", "a word": "token", "one dot": "a.b", "dots": "..", "three dots": f"{good}.x", "five parts (JWE)": "a.b.c.d.e",
        "spaces in it": good.replace(".", " .", 1), "a line feed behind it": good + "%0A", "padding": f"{first}==.{second}.{third}",
        "standard base64": good.replace("-", "+").replace("_", "/") + "+/", "no signature": f"{first}.{second}.",
        "no claims": f"{first}..{third}", "no header": f".{second}.{third}",
        "cut signature": good[:-8], "longer signature": good + "AAAA",
        "a flipped bit in the signature": f"{first}.{second}.{authority.base64url(bytes([flipped[0] ^ 1]) + flipped[1:])}",
        "another's claims under its signature": f"{first}.{issuer.sign(head, issuer.claims('eve')).split('.')[1]}.{third}",
        "alg none": unsigned({**head, "alg": "none"}), "alg None": unsigned({**head, "alg": "None"}),
        "alg NONE with a signature": unsigned({**head, "alg": "NONE"}, third), "alg nOnE": unsigned({**head, "alg": "nOnE"}, "AAAA"),
        "alg empty": unsigned({**head, "alg": ""}, third), "alg missing": unsigned({"typ": "JWT", "kid": "rsa-1"}, third),
        "alg null": unsigned({**head, "alg": None}, third), "alg a number": unsigned({**head, "alg": 256}, third),
        "alg a list": unsigned({**head, "alg": ["RS256"]}, third), "alg of another key": issuer.sign({**head, "alg": "ES256"}, rsa_claims),
        "alg RS512 where RS256 is meant": issuer.sign({**head, "alg": "RS512"}, rsa_claims),
        "alg rs256": issuer.sign({**head, "alg": "rs256"}, rsa_claims),
        "HMAC under the public key": hmac_token(pem), "HMAC under the public key, stripped": hmac_token(pem.strip()),
        "HMAC under nothing": hmac_token(b""), "HMAC said to be RS256": hmac_token(pem, "RS256"), "HS512": hmac_token(pem, "HS512"),
        "kid missing": issuer.sign({"alg": "RS256", "typ": "JWT"}, rsa_claims), "kid unknown": issuer.sign({**head, "kid": "x"}, rsa_claims),
        "kid a path": issuer.sign({**head, "kid": "../../../../dev/null"}, rsa_claims),
        "kid a query": issuer.sign({**head, "kid": "rsa-1' OR '1'='1"}, rsa_claims),
        "kid with a zero byte": issuer.sign({**head, "kid": "rsa-1\0"}, rsa_claims), "kid a number": issuer.sign({**head, "kid": 1}, rsa_claims),
        "kid of the other key": issuer.sign({**head, "kid": "ec-1"}, rsa_claims),
        "an EC signature under the RSA key's id": issuer.sign(head, rsa_claims, issuer.ec),
        "P-384 where P-256 is meant": issuer.sign({"alg": "ES256", "kid": "ec-1"}, rsa_claims, ec.generate_private_key(ec.SECP384R1())),
        "an EC signature of zeros": f"{authority.base64url(authority.json_bytes({'alg': 'ES256', 'kid': 'ec-1'}))}.{second}."
                                    f"{authority.base64url(bytes(64))}",
        "another's key": issuer.sign(head, rsa_claims, stranger.rsa),
        "a key it brings along (jwk)": issuer.sign({**head, "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, rsa_claims, stranger.rsa),
        "a key it points to (jku)": issuer.sign({**head, "jku": "https://evil.example.com"}, rsa_claims, stranger.rsa),
        "a certificate it brings along (x5c)": issuer.sign({**head, "x5c": ["AAAA"]}, rsa_claims, stranger.rsa),
        "crit": issuer.sign({**head, "crit": ["exp"]}, rsa_claims), "crit empty": issuer.sign({**head, "crit": []}, rsa_claims),
        "expired": claim(exp=now - 120), "expired long ago": claim(exp=1), "exp missing": without("exp"), "exp text": claim(exp="tomorrow"),
        "exp a text of digits": claim(exp=str(now + 600)), "exp negative": claim(exp=-1), "exp beyond all time": claim(exp=1e300),
        "exp true": claim(exp=True), "exp null": issuer.sign(head, {**rsa_claims, "exp": None}), "exp a list": claim(exp=[now + 600]),
        "not yet": claim(nbf=now + 3600), "nbf text": claim(nbf="now"), "issued tomorrow": claim(iat=now + 86400), "iat text": claim(iat="now"),
        "iss missing": without("iss"), "another's iss": claim(iss="https://other.example.com"), "iss with a slash more": claim(iss=f"{issuer.issuer}/"),
        "iss in capitals": claim(iss=issuer.issuer.upper()), "iss a list": claim(iss=[issuer.issuer]),
        "aud missing": without("aud"), "another's aud": claim(aud="other"), "aud a beginning of it": claim(aud="trust"),
        "aud a list without it": claim(aud=["other", "trustdd"]), "aud a list of lists": claim(aud=[["trustd"]]), "aud an object": claim(aud={"trustd": 1}),
        "sub missing": without("sub"), "sub empty": claim(sub=""), "sub a number": claim(sub=7), "sub endless": claim(sub="a" * 300),
        "sub with a line feed": claim(sub="anna\nroot"), "sub null": issuer.sign(head, {**rsa_claims, "sub": None}),
        "claims a list": issuer.sign(head, [1]), "claims text": issuer.sign(head, b'"text"'), "claims not JSON": issuer.sign(head, b"{"),
        "claims not UTF-8": issuer.sign(head, b'{"sub":"\xff"}'), "header a list": issuer.sign(b"[]", rsa_claims),
        "header not JSON": issuer.sign(b"{", rsa_claims), "deep claims": issuer.sign(head, b'{"a":' * 900 + b"1" + b"}" * 900),
        "a token within a token": issuer.sign({**head, "cty": "JWT"}, good.encode()),
        "too long": claim(padding="a" * 9000),
    }
    return tokens


class TokenTest(IdentityCase):
    """Tokens over plain text on the machine itself, as they come through a proxy there."""

    def setUp(self):
        super().setUp()
        self.issuer = Issuer()
        write(self.identity / "keys.json", self.issuer.key_file())
        write(self.identity / "permissions.json",
              json.dumps({"grants": [{"principals": [f"{self.issuer.issuer}#anna"], "roles": ["reader"]},
                                     {"principals": [f"{self.issuer.issuer}#otto"], "roles": ["recorder"]}]}))

    def serve_tokens(self, **options):
        self.serve(*self.flags("permission_file", "token_key_file"), **options)
        channel = grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        return channel

    def code(self, channel, *values, path="trust.v1.PolicyService/ListPolicies"):
        return outcome(channel, path, metadata=[("authorization", value) for value in values])

    def test_hostile_tokens_are_refused_and_good_ones_are_not(self):
        channel = self.serve_tokens()
        for algorithm in ("RS256", "ES256"):
            for audience in ("trustd", ["other", "trustd"]):
                token = self.issuer.token(algorithm=algorithm, aud=audience)
                self.assertEqual(self.code(channel, f"Bearer {token}"), grpc.StatusCode.OK, (algorithm, audience))
        tokens = hostile_tokens(self.issuer)
        self.assertGreaterEqual(len(tokens), 60)
        print(f"{len(tokens)} hostile tokens", flush=True)
        for what, token in tokens.items():
            with self.subTest(token=what):
                self.assertEqual(self.code(channel, f"Bearer {token}"), grpc.StatusCode.UNAUTHENTICATED)
        for value in ("", "Bearer", "Basic YTpi", self.issuer.token(), f"Bearer  {self.issuer.token()}"):
            self.assertEqual(self.code(channel, value), grpc.StatusCode.UNAUTHENTICATED, value)
        good = f"Bearer {self.issuer.token()}"
        self.assertEqual(self.code(channel, good, good), grpc.StatusCode.UNAUTHENTICATED, "twice")
        self.assertEqual(self.code(channel), grpc.StatusCode.UNAUTHENTICATED, "none")
        self.assertEqual(self.code(channel, good.replace("Bearer", "bearer")), grpc.StatusCode.OK)
        self.assertNotIn(self.issuer.token()[:40], self.process.log)

    def test_every_method_takes_a_token_for_what_it_is_granted(self):
        channel = self.serve_tokens(listen=f"unix:{self.folder}/socket")
        for subject, role in (("anna", "reader"), ("otto", "recorder"), ("eve", "nobody")):
            metadata = [("authorization", f"Bearer {self.issuer.token(subject)}")]
            self.assertEqual(self.mismatches({role}, lambda path: outcome(channel, path, metadata=metadata)), [], subject)
        for path in all_paths():
            self.assertEqual(outcome(channel, path), grpc.StatusCode.UNAUTHENTICATED, path)

    def test_a_token_that_expires_between_two_calls_is_refused_at_the_second(self):
        channel = self.serve_tokens()
        # A minute of skew is allowed; this one has used up all but two seconds of it.
        token = f"Bearer {self.issuer.token(exp=int(time.time()) - 58)}"
        self.assertEqual(self.code(channel, token), grpc.StatusCode.OK)
        server.await_true(lambda: self.code(channel, token) == grpc.StatusCode.UNAUTHENTICATED, "that the token expires")

    def test_keys_that_are_replaced_end_the_tokens_that_they_signed(self):
        channel = self.serve_tokens()
        before = f"Bearer {self.issuer.token()}"
        self.assertEqual(self.code(channel, before), grpc.StatusCode.OK)
        successor = Issuer()
        write(self.identity / "keys.json", successor.key_file())
        server.await_true(lambda: self.code(channel, f"Bearer {successor.token()}") == grpc.StatusCode.OK, "the new keys")
        self.assertEqual(self.code(channel, before), grpc.StatusCode.UNAUTHENTICATED)

    def test_the_principal_is_kept_with_every_event_and_named_as_the_reader(self):
        write(self.identity / "permissions.json",
              json.dumps({"grants": [{"principals": [f"{self.issuer.issuer}#anna"], "roles": ["reader", "recorder"]}]}))
        self.serve(*self.flags("permission_file", "token_key_file"), "--record_accesses")
        channel = grpc.insecure_channel(self.address)
        self.addCleanup(channel.close)
        me = [("authorization", f"Bearer {self.issuer.token()}"), ("trust-reader", "somebody-else"), ("trust-purpose", "review")]
        created = services.PartnershipServiceStub(channel).CreatePartnership(story.creation(), timeout=SECONDS_MAX, metadata=me)
        principal = f"{self.issuer.issuer}#anna"
        self.assertEqual({event.principal for event in created.events}, {principal})
        history = services.HistoryServiceStub(channel)
        events = history.ListEvents(api.ListEventsRequest(include_system=True), timeout=SECONDS_MAX, metadata=me).events
        accesses = [event for event in events if event.HasField("history_accessed")]
        self.assertEqual([event.history_accessed.reader for event in accesses], [principal])
        self.assertEqual([event.history_accessed.purpose for event in accesses], ["review"])
        self.assertTrue(all(event.principal == principal for event in accesses))

    def test_trustctl_shows_a_token(self):
        self.serve_tokens()
        token = write(self.folder / "token", self.issuer.token() + "\n")
        run = [program("trustctl"), "stage", "--all", "--server", self.address]
        shown = subprocess.run([*run, "--token", str(token)], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        without = subprocess.run(run, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertNotEqual(without.returncode, 0)
        self.assertIn("the caller is not known", without.stderr)
        away = subprocess.run([*run[:-1], "trust.example.com:50051", "--token", str(token)], capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)
        self.assertEqual(away.returncode, 2)
        self.assertIn("in plain text", away.stderr)


class ReplacementTest(IdentityCase):
    """Files that change under a running server."""

    def serving(self, holder):
        # A channel of its own: the handshake is what is asked about.
        with contextlib.closing(self.channel(holder)) as channel:
            return outcome(channel, "trust.v1.PolicyService/ListPolicies")

    def shown_serial(self):
        """The serial number of the certificate that the server shows now."""
        text = subprocess.run(
            ["openssl", "s_client", "-connect", self.address, "-cert", str(self.identity / "peer.pem"), "-key",
             str(self.identity / "peer-key.pem")], input="", capture_output=True, text=True, timeout=SECONDS_MAX, check=False).stdout
        begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
        if begin not in text:
            return None
        pem = begin + text.split(begin)[1].split(end)[0] + end + "\n"
        return authority.x509.load_pem_x509_certificate(pem.encode()).serial_number

    def test_a_hundred_replacements_under_load_fail_no_call_that_is_tried_twice(self):
        random = server.new_random()
        write(self.identity / "peer.pem", self.peers["reader"].certificate)
        write(self.identity / "peer-key.pem", self.peers["reader"].key)
        self.serve()
        stop, failures, calls = threading.Event(), [], [0]
        policies = "trust.v1.PolicyService/ListPolicies"

        def load():
            while not stop.is_set():
                with contextlib.closing(self.channel(self.peers["reader"])) as channel:
                    for _ in range(5):
                        codes = [outcome(channel, policies)]
                        if codes[0] == grpc.StatusCode.UNAVAILABLE:
                            codes.append(outcome(channel, policies))
                        calls[0] += 1
                        if codes[-1] != grpc.StatusCode.OK:
                            failures.append(codes)

        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        last, rotations = None, 100
        pause = threading.Event()
        for i in range(rotations):
            last = self.authority.issue("trustd")
            # In each way in which files come to be replaced by people and programs that do not know who reads them.
            for kind in random.sample(["garbage", "half", "mismatch", "gone", "permissions", "crl"], 2):
                if kind == "garbage":
                    (self.identity / "cert.pem").write_bytes(random.randbytes(500))
                elif kind == "half":
                    (self.identity / "key.pem").write_bytes(last.key[:len(last.key) // 2])
                elif kind == "mismatch":
                    (self.identity / "cert.pem").write_bytes(self.authority.issue("other").certificate)
                elif kind == "gone":
                    (self.identity / "key.pem").unlink(missing_ok=True)
                elif kind == "permissions":
                    (self.identity / "permissions.json").write_text("{" if random.random() < 0.5 else '{"grants": []}')
                else:
                    (self.identity / "crl.pem").write_bytes(b"-----BEGIN X509 CRL-----\nAAAA\n")
                pause.wait(random.random() * 0.1)
            write(self.identity / "key.pem", last.key)
            write(self.identity / "cert.pem", last.certificate)
            write(self.identity / "permissions.json", json.dumps(grants()))
            write(self.identity / "crl.pem", self.authority.revoke())
            pause.wait(random.random() * 0.2)
        try:
            server.await_true(lambda: self.shown_serial() == last.serial, "the certificate that came last")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        print(f"{rotations} replacements, {calls[0]} calls, {len(failures)} failed", flush=True)
        self.assertEqual(failures, [])
        self.assertGreater(calls[0], 500)
        self.assertIn("the last good ones stay", self.process.log)

    def test_a_certificate_that_is_revoked_ends_also_on_a_connection_that_stands(self):
        self.serve()
        holder = self.authority.issue("auditor", ["spiffe://example.org/auditor"])
        standing = self.channel(holder)
        self.assertEqual(outcome(standing, "trust.v1.PolicyService/ListPolicies"), grpc.StatusCode.OK)
        write(self.identity / "crl.pem", self.authority.revoke(holder))
        server.await_true(lambda: outcome(standing, "trust.v1.PolicyService/ListPolicies") == grpc.StatusCode.UNAUTHENTICATED,
                          "that the connection is refused")
        self.assertEqual(self.serving(holder), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(self.serving(self.peers["auditor"]), grpc.StatusCode.OK)

    def test_a_list_that_is_late_or_strange_keeps_what_is_revoked_revoked(self):
        holder = self.authority.issue("auditor", ["spiffe://example.org/auditor"])
        write(self.identity / "crl.pem", self.authority.revoke(holder, next_update=authority.now() - authority.DAY))
        self.serve()
        self.assertIsNotNone(self.process.await_log("the revocation list is past its next update; what it revokes stays revoked"))
        self.assertEqual(self.serving(holder), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(self.serving(self.peers["auditor"]), grpc.StatusCode.OK)
        write(self.identity / "crl.pem", Authority().revoke())  # Signed by a stranger.
        self.assertIsNotNone(self.process.await_log("identity files not taken; the last good ones stay"))
        self.assertEqual(self.serving(holder), grpc.StatusCode.UNAVAILABLE)

    def test_permissions_that_change_hold_for_the_next_call(self):
        self.serve()
        channel = self.channel(self.peers["reader"])
        self.assertEqual(outcome(channel, "trust.v1.HistoryService/ListEvents"), grpc.StatusCode.OK)
        write(self.identity / "permissions.json", json.dumps({"grants": grants()["grants"][2:]}))
        server.await_true(lambda: outcome(channel, "trust.v1.HistoryService/ListEvents") == grpc.StatusCode.PERMISSION_DENIED,
                          "the new permissions")

    def test_a_watch_that_is_not_granted_any_more_ends_before_it_tells_more(self):
        write(self.identity / "permissions.json", json.dumps(grants()))
        self.serve(*self.flags(), "--watch_heartbeat_s=1")
        reader = self.channel(self.peers["reader"])
        watches = {
            "events": services.HistoryServiceStub(reader).WatchEvents(api.WatchEventsRequest(), timeout=SECONDS_MAX),
            "trust": services.TrustServiceStub(reader).WatchTrust(api.WatchTrustRequest(), timeout=SECONDS_MAX)}
        for watch in watches.values():
            next(watch)
        write(self.identity / "permissions.json", json.dumps({"grants": grants()["grants"][:1]}))
        self.assertIsNotNone(self.process.await_log("identity files replaced"))
        recorder = services.PartnershipServiceStub(self.channel(self.peers["recorder"]))
        recorder.CreatePartnership(story.creation("secret"), timeout=SECONDS_MAX)
        for what, watch in watches.items():
            with self.subTest(watch=what):
                told = []
                with self.assertRaises(grpc.RpcError) as caught:
                    told.extend(watch)
                refusal = Refusal.of_error(caught.exception)
                self.assertEqual((refusal.code, refusal.reason), ("PERMISSION_DENIED", "PERMISSION_DENIED"))
                self.assertNotIn("secret", str(told))

    def test_an_import_whose_caller_is_not_granted_any_more_ends_at_its_next_message_and_says_why(self):
        issuer = Issuer()
        write(self.identity / "keys.json", issuer.key_file())
        principal = {"principals": [f"{issuer.issuer}#otto"], "roles": ["recorder"]}
        write(self.identity / "permissions.json", json.dumps({"grants": [*grants()["grants"], principal]}))
        self.serve(*self.flags(), f"--token_key_file={self.identity / 'keys.json'}")

        def broken_off(channel, end, metadata=None):
            """What an import ends with that sends a second message once end has returned."""
            first_answered = threading.Event()

            def messages():
                yield api.ImportHistoryRequest(items=[story.founding_item()])
                first_answered.wait(SECONDS_MAX)
                end()
                yield api.ImportHistoryRequest(items=[story.founding_item("other")])

            answers = services.EvidenceServiceStub(channel).ImportHistory(messages(), timeout=SECONDS_MAX, metadata=metadata)
            with self.assertRaises(grpc.RpcError) as caught:
                for _ in answers:
                    first_answered.set()
            self.assertTrue(first_answered.is_set())
            refusal = Refusal.of_error(caught.exception)
            return refusal.code, refusal.reason

        def withdraw():
            write(self.identity / "permissions.json", json.dumps({"grants": [*grants()["grants"][1:], principal]}))
            probe = self.channel(self.peers["recorder"])
            server.await_true(lambda: outcome(probe, "trust.v1.PartnershipService/AddPartner") ==
                              grpc.StatusCode.PERMISSION_DENIED, "the new permissions")

        def expire():
            probe = self.channel()
            server.await_true(lambda: outcome(probe, "grpc.health.v1.Health/Check", metadata=metadata) ==
                              grpc.StatusCode.UNAUTHENTICATED, "that the token expires")

        self.assertEqual(broken_off(self.channel(self.peers["recorder"]), withdraw), ("PERMISSION_DENIED", "PERMISSION_DENIED"))
        metadata = [("authorization", f"Bearer {issuer.token('otto', exp=int(time.time()) - 56)}")]
        self.assertEqual(broken_off(self.channel(), expire, metadata), ("UNAUTHENTICATED", "UNAUTHENTICATED"))

    def test_a_file_that_is_gone_is_reported_and_what_it_said_stays(self):
        self.serve()
        (self.identity / "permissions.json").unlink()
        self.assertIn("there is no such file",
                      self.process.await_log("identity files not taken; the last good ones stay")["cause"])
        self.assertEqual(self.serving(self.peers["auditor"]), grpc.StatusCode.OK)

    def test_another_authority_takes_the_place_of_the_first(self):
        self.serve()
        successor = Authority("Another Authority")
        holder = successor.issue("auditor", ["spiffe://example.org/auditor"])
        self.assertEqual(self.serving(holder), grpc.StatusCode.UNAVAILABLE)
        write(self.identity / "crl.pem", successor.revoke())
        write(self.identity / "ca.pem", successor.pem)
        server.await_true(lambda: self.serving(holder) == grpc.StatusCode.OK, "the new authority")
        server.await_true(lambda: self.serving(self.peers["auditor"]) == grpc.StatusCode.UNAVAILABLE, "the end of the old one")


class RefusedStartTest(IdentityCase):
    """What is refused before anything is served."""

    def refused(self, *flags, listen="127.0.0.1:0", code=1):
        process = Process(self.folder / "store", *flags, listen=listen)
        self.addCleanup(lambda: process.running and process.kill())
        self.assertIsNone(process.await_log("serving"), flags)
        self.assertEqual(process.await_end(), code)
        return process.log

    def test_ways_of_serving_that_would_let_strangers_in_are_refused(self):
        tls = ("tls_certificate_file", "tls_key_file")
        write(self.identity / "keys.json", Issuer().key_file())
        for flags, listen, says in (
                (self.flags("tls_certificate_file"), "127.0.0.1:0", "go together"),
                (self.flags("tls_client_ca_file", "permission_file"), "127.0.0.1:0", "needs --tls_certificate_file"),
                (self.flags(*tls, "permission_file"), "127.0.0.1:0", "callers must be known"),
                (self.flags(*tls, "tls_client_ca_file"), "127.0.0.1:0", "say who may, in --permission_file"),
                (self.flags("permission_file"), "127.0.0.1:0", "nothing says who they are"),
                (self.flags("token_key_file"), "127.0.0.1:0", "say who may, in --permission_file"),
                (self.flags(*tls, "token_key_file", "tls_crl_file", "permission_file"), "127.0.0.1:0", "needs --tls_client_ca_file"),
                ([], "0.0.0.0:0", "would speak plain text"),
                (self.flags("token_key_file", "permission_file"), "0.0.0.0:0", "tokens would pass in plain text"),
                ([*self.flags("token_key_file", "permission_file"), "--danger_plaintext_anywhere"], "0.0.0.0:0",
                 "tokens would pass in plain text")):
            with self.subTest(flags=flags, listen=listen):
                self.assertIn(says, self.refused(*flags, listen=listen, code=2))

    def test_files_that_are_wrong_are_refused_with_what_would_be_right(self):
        good = {path.name: path.read_bytes() for path in self.identity.iterdir()}
        other = self.authority.issue("other")
        expired = self.authority.issue("trustd", begin=authority.now() - 3 * authority.DAY, end=authority.now() - authority.DAY)
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        issuer = Issuer()
        keys = json.loads(issuer.key_file())["issuers"][0]["keys"]

        def key_file(**changes):
            return issuer.key_file(keys=[{**keys[0], **changes}])

        cases = [
            ("cert.pem", b"garbage", "holds no certificate in PEM"), ("cert.pem", None, "there is no such file"),
            ("key.pem", other.key, "not the one of the first certificate"), ("key.pem", b"garbage", "holds no private key"),
            ("ca.pem", other.certificate, "is no certificate of an authority"), ("ca.pem", b"", "holds no certificate in PEM"),
            ("crl.pem", Authority().revoke(), "is not signed by any of the authorities"), ("crl.pem", b"", "holds no list in PEM"),
            ("permissions.json", b"{", "no JSON of the form"), ("permissions.json", b"{}", "grants nothing"),
            ("permissions.json", b'{"grant": []}', "no JSON of the form"),
            ("permissions.json", b'{"grants": [{"principals": ["x509:CN=a"]}]}', "roles: name at least one of recorder, reader"),
            ("permissions.json", b'{"grants": [{"roles": ["reader"]}]}', "principals: name at least one"),
            ("permissions.json", b'{"grants": [{"principals": ["anna"], "roles": ["reader"]}]}', '"anna" is no principal'),
            ("permissions.json", b'{"grants": [{"principals": ["x509:CN=a"], "roles": ["admin"]}]}', '"admin" is no role'),
            ("permissions.json", b'{"grants": [{"principals": ["x509:subject=CN=a"], "roles": ["reader"]}]}', "is no principal"),
            ("permissions.json", b'{"grants": [{"principals": ["x509:O = E, CN = a"], "roles": ["reader"]}]}', "nameopt RFC2253"),
            ("permissions.json", b'{"grants": [{"principals": ["x509:CN=a"], "roles": ["reader"], "partnerships": ["A"]}]}',
             '"A" is no id'),
            ("keys.json", b"{}", "it holds no key"), ("keys.json", key_file(algorithm="HS256").encode(), '"HS256" is none of'),
            ("keys.json", key_file(algorithm="none").encode(), '"none" is none of'),
            ("keys.json", key_file(algorithm="ES256").encode(), "is not a key for ES256"),
            ("keys.json", key_file(publicKey="x").encode(), "is no public key in PEM"),
            ("keys.json", key_file(publicKey=authority.public_pem(weak)).encode(), "has 1024 bits, and needs at least 2048"),
            ("keys.json", issuer.key_file(keys=[keys[0], keys[0]]).encode(), "comes twice"),
            ("keys.json", issuer.key_file(audience="").encode(), "audience"),
            ("keys.json", issuer.key_file(issuer="a#b").encode(), "without a #"),
        ]
        for name, content, says in cases:
            with self.subTest(file=name, says=says):
                for other_name, other_content in {**good, "keys.json": issuer.key_file().encode()}.items():
                    write(self.identity / other_name, other_content)
                if content is None:
                    (self.identity / name).unlink()
                else:
                    write(self.identity / name, content)
                self.assertIn(says, self.refused(*self.flags(), f"--token_key_file={self.identity / 'keys.json'}"))
        for name, content in good.items():
            write(self.identity / name, content)
        write(self.identity / "cert.pem", expired.certificate)
        write(self.identity / "key.pem", expired.key)
        self.assertIn("the certificate ended at", self.refused(*self.flags()))
        write(self.identity / "cert.pem", good["cert.pem"])
        write(self.identity / "key.pem", good["key.pem"], mode=0o644)
        self.assertIn("chmod 600", self.refused(*self.flags()))

    def test_the_key_leaves_no_copy_behind(self):
        self.serve()
        def staged(process):
            return list(pathlib.Path("/dev/shm").glob(f"trustd-{process.pid}-*"))

        [directory] = staged(self.process)
        self.assertEqual(directory.stat().st_mode & 0o077, 0)
        self.assertEqual((directory / "identity.pem").stat().st_mode & 0o077, 0)
        self.process.signal(signal.SIGTERM)
        self.assertEqual(self.process.await_end(), 0)
        self.assertEqual(staged(self.process), [])
        # What a server left that was killed is taken away by the next.
        killed = self.serve()
        self.assertEqual(len(staged(killed)), 1)
        killed.kill()
        self.assertEqual(len(staged(killed)), 1)
        self.serve()
        self.assertEqual(staged(killed), [])


class ClientsTest(IdentityCase):
    def test_trustctl_and_grpcurl_speak_mutual_tls(self):
        self.serve()
        auditor = self.peers["auditor"]
        certificate, key = write(self.folder / "me.pem", auditor.certificate), write(self.folder / "me-key.pem", auditor.key)
        ca = self.identity / "ca.pem"
        shown = subprocess.run([program("trustctl"), "verify", "--server", self.address, "--ca", str(ca), "--cert", str(certificate),
                                "--key", str(key)], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        through = {**os.environ, "TRUSTCTL_CA": str(ca), "TRUSTCTL_CERT": str(certificate), "TRUSTCTL_KEY": str(key)}
        denied = subprocess.run([program("trustctl"), "import", str(server.ALLIANCES / "klm-northwest.jsonl"), "--server", self.address],
                                capture_output=True, text=True, timeout=SECONDS_MAX, check=False, env=through)
        self.assertEqual(denied.returncode, 1)
        self.assertIn("has none of the roles that may call this: recorder", denied.stderr)
        listed = subprocess.run([server.grpcurl_program(), "-cacert", str(ca), "-cert", str(certificate), "-key", str(key), self.address,
                                 "list"], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("trust.v1.AuditService", listed.stdout)


    def test_trustctl_says_what_may_be_wrong_where_no_handshake_comes_about(self):
        self.serve()
        auditor, nobody = self.peers["auditor"], self.peers["nobody"]
        stranger = Authority("Another Authority")
        files = {name: write(self.folder / name, content) for name, content in {
            "me.pem": auditor.certificate, "me-key.pem": auditor.key, "other-key.pem": nobody.key,
            "stranger.pem": stranger.pem}.items()}
        ca = self.identity / "ca.pem"
        for words, flags in (("It may speak TLS (--ca)", ()), ("want a certificate (--cert, --key)", ("--ca", ca)),
                             ("of no authority in --ca", ("--ca", files["stranger.pem"], "--cert", files["me.pem"],
                                                          "--key", files["me-key.pem"])),
                             ("--key must be that of --cert", ("--ca", ca, "--cert", files["me.pem"], "--key", files["other-key.pem"]))):
            with self.subTest(words=words):
                said = subprocess.run([program("trustctl"), "verify", "--server", self.address, *map(str, flags)], capture_output=True,
                                      text=True, timeout=SECONDS_MAX, check=False)
                self.assertEqual(said.returncode, 3, said.stderr)
                self.assertIn(words, said.stderr)
                self.assertNotIn("Is trustd running there?", said.stderr)
                self.assertRegex(said.stderr, "^trustctl: no server answers at .*: .+\n  .+\n$")
                self.assertEqual(len(said.stderr.splitlines()), 2, said.stderr)


class ConnectionsTest(ServerTest):
    """The acceptor, in plain text."""

    def test_a_server_that_ran_out_of_descriptors_accepts_again(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (160, limit[1]))
        try:
            running = self.start("--store_memory_mib=32")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        host, port = running.address.rsplit(":", 1)
        crowd = [socket.create_connection((host, int(port)), timeout=SECONDS_MAX) for _ in range(400)]
        server.await_true(lambda: len(os.listdir(f"/proc/{running.pid}/fd")) >= 158, "that it has no descriptor left")
        for one in crowd:
            one.close()
        with grpc.insecure_channel(running.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            answer = health_services.HealthStub(channel).Check(health.HealthCheckRequest(), timeout=SECONDS_MAX, wait_for_ready=True)
        self.assertEqual(answer.status, health.HealthCheckResponse.SERVING)

    def test_connections_beyond_the_bounds_are_closed_and_come_in_when_others_have_gone(self):
        running = self.start("--connections_max=20", "--connections_per_address_max=8")
        host, port = running.address.rsplit(":", 1)

        def stays(source):
            connection = socket.create_connection((host, int(port)), timeout=5, source_address=(source, 0))
            # gRPC greets whom it takes with its settings.
            try:
                connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
                greeted = connection.recv(1) != b""
            except OSError:
                greeted = False
            if not greeted:
                connection.close()
            return connection if greeted else None

        def crowd(source, count):
            return [connection for connection in (stays(source) for _ in range(count)) if connection]

        first = crowd("127.0.0.2", 20)
        self.assertEqual(len(first), 8, "of one address")
        second = crowd("127.0.0.3", 20) + crowd("127.0.0.4", 20)
        self.assertLessEqual(len(first) + len(second), 20)
        self.assertGreaterEqual(len(second), 8)
        for connection in first + second:
            connection.close()
        kept = []
        server.await_true(lambda: kept.extend(crowd("127.0.0.5", 4 - len(kept))) or len(kept) == 4, "that there is room again")
        for connection in kept:
            connection.close()

    def test_a_socket_that_a_killed_server_left_is_taken_over_and_a_living_one_is_not(self):
        path = f"unix:{self.folder}/socket"
        first = self.start(listen=path)
        second = Process(self.folder / "other", listen=path)
        self.assertIsNone(second.await_log("serving"))
        self.assertEqual(second.await_end(), 1)
        self.assertIn("cannot listen", second.log)
        first.kill()
        self.start(listen=path)

    def test_two_servers_do_not_share_a_port(self):
        first = self.start()
        second = Process(self.folder / "other", listen=first.address)
        self.assertIsNone(second.await_log("serving"))
        self.assertEqual(second.await_end(), 1)
        self.assertIn("in use", second.log)


if __name__ == "__main__":
    server.main()
