"""The token vault: tokens and secrets are sealed at rest and opened only on their way into a call."""

import base64
import hashlib
import json
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


def _current() -> MultiFernet:
    # The first key seals, all of them open: rotation is to put a new key in front.
    return _fernet(tuple(getattr(settings, "TOKEN_KEYS", None) or [settings.SECRET_KEY]))


def seal(text: str) -> bytes:
    """Encrypt a token or secret."""
    return _current().encrypt(json.dumps(text).encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt; raises cryptography.fernet.InvalidToken when no key fits."""
    return json.loads(_current().decrypt(bytes(sealed))) if sealed else ""
