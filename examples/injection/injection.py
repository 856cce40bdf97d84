"""Injects variables that are checked before they are sent, then a payload with three mistakes."""

from datetime import datetime, timezone

from cognigy_context import Client, InjectionPayload, ValidationError, Variable

payload = InjectionPayload(
    "session-1",
    [
        {"key": "tier", "value": "gold"},
        Variable(
            "orders",
            [{"id": "A-1001", "total": 129.5}],
            scope="user",
            expires_at=datetime(2099, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
        ),
    ],
)
invalid = InjectionPayload(
    "session-1",
    [
        {"key": "first name", "value": "Ada", "scope": "tenant"},
        {"key": "tier", "value": "gold", "expires_at": "tomorrow"},
    ],
)
# The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
with Client() as client:
    result = client.inject(payload)
    print(result.status, result.variables_injected, result.result["variables"])
    try:
        client.inject(invalid)
    except ValidationError as error:
        print(error)
    print(client.metrics()["success_rate_percent"], "% of the injections succeeded")
