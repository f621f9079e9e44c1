"""The token vault: tokens and secrets are sealed at rest and opened only on their way into a call."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _keys() -> tuple[str, ...]:
    # The first key seals, all of them open: rotation is to put a new key in front.
    return tuple(getattr(settings, "TOKEN_KEYS", None) or [settings.SECRET_KEY])


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


def seal(text: str) -> bytes:
    """Encrypt a token or secret."""
    return _fernet(_keys()).encrypt(json.dumps(text).encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt; raises cryptography.fernet.InvalidToken when no key fits."""
    return json.loads(_fernet(_keys()).decrypt(bytes(sealed))) if sealed else ""


def fingerprint(text: str) -> str:
    """A keyed hash of a token, or of a chat's id: it tells equal from different and nothing more. 32 hex digits."""
    return hmac.new(b"fingerprint" + _keys()[0].encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
