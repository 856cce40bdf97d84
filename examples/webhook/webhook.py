"""An event of the web-messaging webhook, and what a flow gets of it. The whole as a service:
``python -m cognigy_context.service``, with ``pip install "cognigy-context[service]"``."""

import asyncio

from cognigy_context import (
    AsyncClient,
    ValidationError,
    WebhookEvent,
    hash_session_id,
)

BODY = b"""{"sessionId": "session-1", "userId": "user-1", "message": "Where is my order?",
    "channel": "webchat", "timestamp": 1893456000, "custom": {"page": "/orders"}}"""


async def handle(client: AsyncClient, body: bytes) -> None:
    event = WebhookEvent.from_json(body)
    print(f"stored under session:{hash_session_id(event.session_id)}")
    variables = event.derived_variables()
    answer = await client.append_variables(event.session_id, variables)
    for name in variables:
        print(f"{name} = {answer['variables'][name]!r}")


async def main() -> None:
    # The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
    async with AsyncClient() as client:
        await handle(client, BODY)
        try:
            await handle(client, b'{"sessionId": "", "timestamp": "soon"}')
        except ValidationError as error:
            print(error)


asyncio.run(main())
