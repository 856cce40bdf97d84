"""``testing.Sandbox`` with several API families, options, faults and webhooks."""

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox


def test_seeded_session_is_available_in_four_api_families(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed(
        "s",
        {"tier": "gold"},
        document={"turn": 3},
        variables=[{"key": "visits", "value": 4, "scope": "session"}],
        bot_variables=[{"name": "phone", "value": "+49170", "scope": "bot"}],
    )
    assert client.inject_context("s", "u", {}) == {"tier": "gold"}
    assert client.get_document("s").document == {"turn": 3}
    assert client.get_injected("s").variables == {"visits": 4}
    assert client.get_variables("s")["phone"].value == "+49170"


def test_seeded_dialog_can_be_read_and_updated(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed_dialog("d/1", session={"turn": 1})
    client.update_state("d/1", {"user": {"name": "Ada"}, "next_step": "end"})
    state = client.get_state("d/1").state
    assert (state["session"], state["user"]) == ({"turn": 1}, {"name": "Ada"})
    assert sandbox.dialog("d/1")["transitions"] == 1
    with pytest.raises(KeyError):
        sandbox.dialog("unknown")


def test_configure_changes_options_until_reset(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed(
        "s",
        bot_variables=[
            {"name": f"v{n}", "value": str(n), "scope": "session"} for n in range(5)
        ],
    )
    assert sandbox.configure(pageSize=2)["pageSize"] == 2
    assert len(client.get_variables("s")) == 5
    assert sandbox.counters()["requests"] == 3
    with pytest.raises(ValueError, match="field"):
        sandbox.configure(noSuchOption=1)
    sandbox.reset()
    assert sandbox.configure()["pageSize"] != 2


def test_faults_cut_replace_compress_or_slow_the_body_of_a_response(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s", variables=[{"key": "a", "value": 1, "scope": "session"}])
    sandbox.fault(cut=True, times=1, method="GET")
    with pytest.raises(cc.NetworkError):
        client.get_injected("s")
    sandbox.fault(status=200, body="<html>", times=1)
    with pytest.raises(cc.ProtocolError):
        client.get_injected("s")
    for shape in ({"gzip": True}, {"trickle": 0.05}):
        sandbox.fault(**shape, times=1)  # type: ignore[arg-type]
        assert client.get_injected("s").variables == {"a": 1}


def test_sandbox_records_webhooks_and_counts_token_requests(sandbox: Sandbox) -> None:
    sandbox.seed("s")
    with cc.Client(
        sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        crm_webhook=sandbox.webhook_url,
    ) as client:
        for number in range(2):
            payload = {"session_id": "s", "variables": [{"key": "n", "value": number}]}
            client.inject(payload)
            sandbox.revoke_tokens()
    assert len(sandbox.webhooks()) == 2
    assert sandbox.counters()["tokenRequests"] == 2
