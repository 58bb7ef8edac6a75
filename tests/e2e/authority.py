"""A certificate authority and an issuer of tokens for tests: whatever a peer might show, right or wrong in one way."""

import base64
import dataclasses
import datetime
import ipaddress
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.utcnow().replace(microsecond=0)


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@dataclasses.dataclass
class Holder:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes
    serial: int


class Authority:
    def __init__(self, name="Example Authority"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = (
            x509.CertificateBuilder().subject_name(self._name).issuer_name(self._name).public_key(self._key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now() - DAY).not_valid_after(now() + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True)
            .sign(self._key, hashes.SHA256()))
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, common_name, uris=(), begin=None, end=None):
        """A certificate for localhost and 127.0.0.1 that names its holder."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        names += [x509.UniformResourceIdentifier(uri) for uri in uris]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
        certificate = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begin or now() - DAY)
            .not_valid_after(end or now() + 7 * DAY)
            .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(self._key, hashes.SHA256()))
        return Holder(certificate.public_bytes(serialization.Encoding.PEM), private_pem(key), certificate.serial_number)

    def revoke(self, *holders, next_update=None):
        """The revocation list of these certificates, as PEM."""
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self._name).last_update(now() - 2 * DAY)
                   .next_update(next_update or now() + DAY))
        for holder in holders:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(holder.serial).revocation_date(now() - DAY).build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def json_bytes(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Issuer:
    """Signs tokens with one RSA and one P-256 key."""

    def __init__(self, issuer="https://id.example.com", audience="trustd"):
        self.issuer, self.audience = issuer, audience
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def key_file(self, **changes):
        keys = [{"keyId": "rsa-1", "algorithm": "RS256", "publicKey": public_pem(self.rsa)},
                {"keyId": "ec-1", "algorithm": "ES256", "publicKey": public_pem(self.ec)}]
        return json.dumps({"issuers": [{"issuer": self.issuer, "audience": self.audience, "keys": keys, **changes}]})

    def claims(self, subject="anna", **changes):
        seconds = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
        claims = {"iss": self.issuer, "aud": self.audience, "sub": subject, "iat": seconds, "exp": seconds + 600, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, header, claims, key=None):
        """A token of this header and these claims, both as they are, signed as the key asks."""
        signed = f"{base64url(header if isinstance(header, bytes) else json_bytes(header))}." \
                 f"{base64url(claims if isinstance(claims, bytes) else json_bytes(claims))}"
        key = key or self.rsa
        if isinstance(key, rsa.RSAPrivateKey):
            signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
            size = (key.curve.key_size + 7) // 8
            signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
        return f"{signed}.{base64url(signature)}"

    def token(self, subject="anna", algorithm="RS256", **changes):
        key, key_id = (self.rsa, "rsa-1") if algorithm == "RS256" else (self.ec, "ec-1")
        return self.sign({"alg": algorithm, "typ": "JWT", "kid": key_id}, self.claims(subject, **changes), key)


def write(path, content, mode=0o600):
    """Replaces a file as a whole."""
    path = pathlib.Path(path)
    fresh = path.with_name(path.name + ".fresh")
    fresh.write_bytes(content if isinstance(content, bytes) else content.encode())
    fresh.chmod(mode)
    fresh.rename(path)
    return path
