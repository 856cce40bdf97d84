"""Authentication of callers: signatures of Standard Webhooks, or a shared secret."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping

from cognigy_context import ConfigurationError

from .problems import CALLER_UNKNOWN, ProblemError
from .settings import Settings

__all__ = ["RequestAuthenticator"]

_ID_HEADER = "webhook-id"
_TIMESTAMP_HEADER = "webhook-timestamp"
_SIGNATURE_HEADER = "webhook-signature"
_SIGNATURE_HEADERS = (_ID_HEADER, _TIMESTAMP_HEADER, _SIGNATURE_HEADER)


class RequestAuthenticator:
    """Authenticates requests. Compares secrets in constant time.

    Args:
        settings: The secrets, and the tolerance for the timestamp of a signature.

    Raises:
        ConfigurationError: A secret of Standard Webhooks is not valid Base64.
    """

    def __init__(self, settings: Settings) -> None:
        self._accepts_all = settings.no_auth
        self._header = settings.shared_secret_header.lower()
        self._shared_secrets = [secret.encode() for secret in settings.shared_secrets]
        self._keys = [_decode_key(secret) for secret in settings.webhook_secrets]
        self._tolerance_seconds = settings.signature_tolerance_seconds

    def authenticate(self, headers: Mapping[str, str]) -> bool:
        """Checks the headers of a request, before the service reads its body.

        Args:
            headers: The request's headers.

        Returns:
            bool: True when the caller is authenticated. False when the signature has still to be
            checked with :meth:`verify_signature`.

        Raises:
            ProblemError: There is no valid secret, and no signature with a recent timestamp. Its
                reason is ``missing``, ``malformed``, ``stale`` or ``wrong``.
        """
        if self._accepts_all:
            return True
        secret = headers.get(self._header)
        if secret is not None and _is_one_of(secret.encode(), self._shared_secrets):
            return True
        signed = [headers.get(name) for name in _SIGNATURE_HEADERS]
        if not self._keys or None in signed:
            reason = "missing" if secret is None else "wrong"
            raise ProblemError(CALLER_UNKNOWN, reason)
        # Without an id the service could not recognise a repeated request.
        timestamp = headers.get(_TIMESTAMP_HEADER, "")
        if not all(signed) or not _is_timestamp(timestamp):
            raise ProblemError(CALLER_UNKNOWN, "malformed")
        if abs(time.time() - int(timestamp)) > self._tolerance_seconds:
            raise ProblemError(CALLER_UNKNOWN, "stale")
        return False

    def verify_signature(self, headers: Mapping[str, str], content: bytes) -> None:
        """Verifies the signature of a request.

        Args:
            headers: The request's headers.
            content: The signed content: the body, or the path of a request without a body. An
                empty content would make one signature valid for every path.

        Raises:
            ProblemError: No known secret produces this signature. Its reason is ``malformed`` or
                ``wrong``.
        """
        prefix = f"{headers.get(_ID_HEADER, '')}.{headers.get(_TIMESTAMP_HEADER, '')}."
        signed = prefix.encode() + content
        expected = [
            base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
            for key in self._keys
        ]
        reason = "malformed"
        # During a rotation the sender signs with the old and the new secret.
        for part in headers.get(_SIGNATURE_HEADER, "").split():
            version, _, signature = part.partition(",")
            if version == "v1":
                if _is_one_of(signature.encode(), expected):
                    return
                reason = "wrong"
        raise ProblemError(CALLER_UNKNOWN, reason)


def _is_timestamp(text: str) -> bool:
    # 12 digits reach the year 33658; Python cannot parse thousands of digits.
    return text.isascii() and text.isdigit() and len(text) <= 12


def _is_one_of(secret: bytes, known_secrets: Iterable[bytes]) -> bool:
    found = False
    # No early exit: the run time must not reveal which secret matched.
    for known in known_secrets:
        found |= hmac.compare_digest(secret, known)
    return found


def _decode_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigurationError(
            "webhook_secrets: a secret is not valid Base64. Write it as Standard Webhooks does, "
            "`whsec_` followed by Base64."
        )
    return key
