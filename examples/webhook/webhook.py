"""An event of the web-messaging webhook, and its derived variables, injected into the session.
``cognigy-context serve`` runs this as a service."""

import asyncio

from cognigy_context import (
    AsyncClient,
    ValidationError,
    WebhookEvent,
    hash_session_id,
)

BODY = b"""{"sessionId": "session-1", "userId": "user-1", "message": "Where is my order?",
    "channel": "webchat", "timestamp": 1735689600, "custom": {"page": "/orders"}}"""


async def handle(client: AsyncClient, body: bytes) -> None:
    event = WebhookEvent.from_json(body)
    print(
        f"key in the store of the service: session:{hash_session_id(event.session_id)}"
    )
    variables = event.derived_variables()
    stored = await client.append_variables(event.session_id, variables)
    for name in variables:
        print(f"{name} = {stored['variables'][name]!r}")


async def main() -> None:
    # The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
    async with AsyncClient() as client:
        await handle(client, BODY)
        try:
            await handle(client, b'{"sessionId": "", "timestamp": "soon"}')
        except ValidationError as error:
            print(error)


asyncio.run(main())
