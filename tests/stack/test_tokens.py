import base64
import hashlib
import hmac
import json

from tokens import TokenIssuer, write_tokens


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_token_names_its_user_and_its_end_and_is_signed_with_hs256():
    header, claims, signature = TokenIssuer(b"secret", lifetime_seconds=60).token("alice", now=1000).split(".")
    assert json.loads(decoded(header)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(decoded(claims)) == {"sub": "alice", "exp": 1060}
    assert decoded(signature) == hmac.digest(b"secret", f"{header}.{claims}".encode(), hashlib.sha256)


def test_a_file_of_tokens_has_one_line_for_each_of_different_users_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "tokens"
    write_tokens(TokenIssuer(b"secret"), 100, file)
    users = [json.loads(decoded(line.split(".")[1]))["sub"] for line in file.read_text().splitlines()]
    assert len(users) == len(set(users)) == 100
    assert file.stat().st_mode & 0o777 == 0o600
