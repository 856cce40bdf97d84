"""A context document with a schema and a size limit, merged into the document of a session."""

from pathlib import Path

from cognigy_context import Client, ContextManager, Schema, ValidationError

schema = Schema(Path(__file__).with_name("profile.schema.json").read_text("utf-8"))
manager = ContextManager(schema, max_size_bytes=300)

manager.update("session-1", {"user_profile": {"name": "Ada", "age": 36}})
updated = manager.update(
    "session-1", {"user_profile": {"preferences": ["a long preference"] * 20}}
)
print("pruned to fit:", *updated.pruned)

try:
    manager.update("session-1", {"user_profile": {"age": -1}})
except ValidationError as error:
    print(error)

# The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
with Client() as client:
    print(client.sync_context("session-1", updated.context))
