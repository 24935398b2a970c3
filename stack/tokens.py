"""JSON web tokens (RFC 7519) signed with HS256, as the shop of a buyer would issue them."""

import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

from problem import Problem


class TokenIssuer:
    """`secret`: the bytes that ingest verifies with."""

    def __init__(self, secret, lifetime_seconds=24 * 3600):
        self._secret = secret
        self._lifetime_seconds = lifetime_seconds

    def token(self, user, now=None, scope=None):
        """`scope`: what its bearer may do besides buying, separated by spaces (RFC 8693)."""
        expires = int(time.time() if now is None else now) + self._lifetime_seconds
        claims = {"sub": user, "exp": expires} | ({"scope": scope} if scope else {})
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = hmac.digest(self._secret, signed.encode(), hashlib.sha256)
        return f"{signed}.{_base64(signature)}"


def read_secret(path):
    """The bytes of a secret's file without the end of its line."""
    try:
        return Path(path).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from error


def write_tokens(issuer, buyers, path):
    """Of the users buyer-000001 …, one a line. Whoever holds a token is its user: nobody else reads the file."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        for number in range(1, buyers + 1):
            file.write(issuer.token(f"buyer-{number:06}") + "\n")


def _part(content):
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
