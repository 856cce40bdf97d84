"""Lease requests and deliveries of events for the tests of the stores."""

import itertools

from cognigy_context.service import Store
from cognigy_context.service.ordering import Admission, to_sort_key
from cognigy_context.service.store import LeaseRequest, Outcome, StoredEvent

# Seconds after which a waiting test fails. A test that passes never waits this long.
HANG_SECONDS = 120

OUTCOME = Outcome("{}")
ADMITTED, BUSY = Admission.ADMITTED, Admission.BUSY
DUPLICATE, OLDER = Admission.DUPLICATE, Admission.OLDER

_tokens = itertools.count()


def lease_request(
    key: str = "", timestamp: int = 0, session: str = "s"
) -> LeaseRequest:
    """Returns a lease request. Without a key it has no event."""
    event = StoredEvent(to_sort_key(timestamp), f'"{key}"') if key else None
    return LeaseRequest(session, f"token-{next(_tokens)}", key or None, event)


def sync_request(key: str) -> LeaseRequest:
    """Returns the lease request of a sync with an id."""
    return LeaseRequest("s", f"token-{next(_tokens)}", key)


async def apply(store: Store, key: str, timestamp: int) -> Admission:
    """Delivers an event whose injection succeeds."""
    request = lease_request(key, timestamp)
    admission = await store.begin(request)
    if admission is ADMITTED:
        await store.finish(request, OUTCOME)
    return admission


async def fail(store: Store, key: str, timestamp: int) -> Admission:
    """Delivers an event whose injection fails."""
    request = lease_request(key, timestamp)
    admission = await store.begin(request)
    if admission is ADMITTED:
        await store.release(request)
    return admission
