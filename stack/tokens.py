"""JSON web tokens (RFC 7519) signed with HS256, as the shop of a buyer would issue them."""

import base64
import hashlib
import hmac
import json
import time


class TokenIssuer:
    """`secret`: the bytes that ingest verifies with."""

    def __init__(self, secret, lifetime_seconds=24 * 3600):
        self._secret = secret
        self._lifetime_seconds = lifetime_seconds

    def token(self, user, now=None):
        expires = int(time.time() if now is None else now) + self._lifetime_seconds
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({'sub': user, 'exp': expires})}"
        signature = hmac.digest(self._secret, signed.encode(), hashlib.sha256)
        return f"{signed}.{_base64(signature)}"


def _part(content):
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
