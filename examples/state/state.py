"""Updates the state of a dialog: with `if_match`, and in parts when the update is too large."""

from cognigy_context import Client, StateUpdate

update = StateUpdate(
    session={"order": {"id": "A-1001", "confirmed": True}},
    user={"language": "de"},
    next_step="payment",
)
large = StateUpdate(session={"transcript": "t" * 400_000, "history": "h" * 400_000})

# The address and the credentials come from COGNIGY_BASE_URL and COGNIGY_API_KEY.
with Client() as client:

    @client.on_state_updated
    def print_update(dialog_id, payload, result):
        print(f"{dialog_id}: {list(payload['session'])} by {result.latency_ms:.0f} ms")

    # After a conflict, `rebase` applies the update to the current state and retries.
    tag = client.get_state("dialog-1").tag
    client.update_state("dialog-1", update, if_match=tag, rebase=True)
    parts = client.update_state_parts("dialog-1", large)
    print(f"sent in {len(parts)} parts")
    print(client.get_state("dialog-1").state["user"], client.state_metrics())
