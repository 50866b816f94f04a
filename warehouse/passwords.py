"""Passwords as they may be kept: salted and slow to guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

COST, BLOCK, LANES = 2**14, 8, 5
"""N, r and p of scrypt: 16 MB, and about a fifth of a second."""


def hash_password(password: str) -> str:
    """Hash a password with a fresh salt; the text holds all that checking needs."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, COST, BLOCK, LANES)
    return f"scrypt${COST}${BLOCK}${LANES}${_text(salt)}${_text(digest)}"


def matches(password: str, stored: str) -> bool:
    """Tell whether a password is the one that was hashed, in the same time either way."""
    _, cost, block, lanes, salt, digest = stored.split("$")
    found = _scrypt(password, _bytes(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, _bytes(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    # One form of composed and full-width characters: keyboards differ in which they send.
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost, r=block, p=lanes, maxmem=2**26, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


NOBODY = f"scrypt${COST}${BLOCK}${LANES}${_text(bytes(16))}${_text(bytes(32))}"
"""The hash of no password, to compare with where there is no user: that takes as long."""
