from cognigy_context import Client, check

context = {"customer": {"tier": "gold", "open_orders": 2}}
report = check(context, "platform").raise_if_failed()
print(report.sizes.platform_bytes, "platform bytes")
with Client() as client:
    stored = client.inject_context("session-1", "user-1", context)
print(stored["customer"])
