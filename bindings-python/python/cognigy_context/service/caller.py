"""Who asks: signatures of Standard Webhooks, or a shared secret."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping

from cognigy_context import ConfigurationError

from .answers import CALLER_UNKNOWN, Refused
from .settings import Settings

__all__ = ["Callers"]

_ID, _TIME, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class Callers:
    """Tells callers who may ask from all others. Secrets are compared in constant time.

    Args:
        settings: The secrets, and how old a signature may be.

    Raises:
        ConfigurationError: A secret of Standard Webhooks is no Base64.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_open = settings.no_auth
        self._header = settings.shared_secret_header.lower()
        self._shared = [secret.encode() for secret in settings.shared_secrets]
        self._keys = [_key(secret) for secret in settings.webhook_secrets]
        self._freshness = settings.signature_tolerance_seconds

    def may_ask(self, headers: Mapping[str, str]) -> bool:
        """Whether the caller is known already; if not, its signature has to prove it.

        Looks at headers only, so that nobody unknown can make this service read a body.

        Raises:
            Refused: It cannot be known.
        """
        if self._is_open:
            return True
        given = headers.get(self._header)
        if given is not None and _is_one_of(given.encode(), self._shared):
            return True
        signed = _SIGNATURE in headers and _ID in headers
        if not (self._keys and signed and self._is_fresh(headers.get(_TIME, ""))):
            raise Refused(CALLER_UNKNOWN)
        return False

    def check_signature(self, headers: Mapping[str, str], content: bytes) -> None:
        """Holds a signature against what it signs.

        Args:
            headers: Those of the request.
            content: The body. A request without one signs its path in the place of it, because
                a signature of nothing would be good for every path.

        Raises:
            Refused: It is not what a known secret would sign.
        """
        start = f"{headers.get(_ID, '')}.{headers.get(_TIME, '')}.".encode()
        good = [
            base64.b64encode(hmac.digest(key, start + content, hashlib.sha256))
            for key in self._keys
        ]
        # A sender that is changing its secret signs with both.
        for part in headers.get(_SIGNATURE, "").split():
            version, _, signature = part.partition(",")
            if version == "v1" and _is_one_of(signature.encode(), good):
                return
        raise Refused(CALLER_UNKNOWN)

    def _is_fresh(self, timestamp: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return False
        return abs(time.time() - int(timestamp)) <= self._freshness


def _is_one_of(given: bytes, known: Iterable[bytes]) -> bool:
    found = False
    # All of them, so that the time says nothing of which it was.
    for secret in known:
        found |= hmac.compare_digest(given, secret)
    return found


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigurationError(
            "a webhook secret is no Base64: expected whsec_… as Standard Webhooks write it"
        )
    return key
