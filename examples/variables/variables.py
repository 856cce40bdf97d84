"""Typed and resolved variables: the values that a flow sees, and the shadowed ones."""

from cognigy_context import Client, debug_view

# The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
with Client() as client:
    # Inject variables to read.
    texts = {"tier": "platinum", "visits": "42", "phone": "0049170"}
    variables = [{"key": key, "value": text} for key, text in texts.items()]
    client.inject({"session_id": "session-1", "variables": variables})

    found = client.get_variables("session-1")
    for name, entry in debug_view(found).items():
        print(f"{name} = {entry['value']!r} ({entry['type']}, {entry['scope']})")
    for variable, by in found.shadowed:
        print(f"{variable.name} in scope {variable.scope} is shadowed by scope {by}")
