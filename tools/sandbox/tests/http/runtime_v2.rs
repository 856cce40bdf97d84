use crate::support::{Tenant, detail_paths, etag, json, problem};
use cognigy_context_sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

const STATE: &str = "/runtime/v2/dialogs/d/state";

fn with_dialog(seed: Value) -> Tenant {
    let tenant = Tenant::start();
    tenant.sandbox.seed_dialog("d", seed).unwrap();
    tenant
}

fn dialog(tenant: &Tenant) -> Value {
    tenant.sandbox.dialog("d").unwrap()
}

#[tokio::test]
async fn an_update_merges_each_part_increases_the_version_and_changes_the_etag() {
    let tenant = with_dialog(json!({"session": {"a": {"x": 1}, "b": 2}, "user": {"c": 3}}));
    let read = tenant.get(STATE).await;
    let first = etag(&read);
    assert_eq!(json(read).await, json!({"session": {"a": {"x": 1}, "b": 2}, "user": {"c": 3}}));

    let update = json!({"session": {"a": {"y": [null]}}, "transition": {"nextStep": "pay"}});
    let response = tenant.patch(STATE, update).await;
    assert_eq!(response.status(), 200);
    let second = etag(&response);
    assert_ne!(first, second);
    let response_body = json(response).await;
    assert_eq!(response_body["dialogId"], "d");
    assert_eq!(response_body["version"], 2);
    assert!(response_body["updatedAt"].as_str().unwrap().ends_with('Z'));

    let read = tenant.get(STATE).await;
    assert_eq!(etag(&read), second);
    assert_eq!(
        json(read).await,
        json!({
            "session": {"a": {"y": [null]}, "b": 2},
            "user": {"c": 3},
            "transition": {"nextStep": "pay"},
        })
    );
    let same_value = tenant.patch(STATE, json!({"user": {"c": 3}})).await;
    assert_eq!(json(same_value).await["version"], 3);
}

#[tokio::test]
async fn a_dialog_counts_only_updates_with_a_transition_as_transitions() {
    let tenant = with_dialog(json!({}));
    tenant.patch(STATE, json!({"transition": {"nextStep": "a"}})).await;
    tenant.patch(STATE, json!({"user": {"x": 1}})).await;
    tenant.patch(STATE, json!({"transition": {"nextStep": "b"}})).await;
    assert_eq!(
        dialog(&tenant),
        json!({
            "dialogId": "d",
            "session": {},
            "user": {"x": 1},
            "nextStep": "b",
            "transitions": 2,
            "version": 4,
        })
    );
    let over_http = json(tenant.get("/_sandbox/dialogs/d").await).await;
    assert_eq!(over_http, dialog(&tenant));
}

#[tokio::test]
async fn an_update_with_an_old_etag_is_412_or_409_without_effect() {
    let tenant = with_dialog(json!({}));
    let old = etag(&tenant.get(STATE).await);
    let update = json!({"session": {"a": 1}});
    let first = tenant.send_if_match(&old, Method::PATCH, STATE, update.clone()).await;
    assert_eq!(first.status(), 200);
    let stale = json!({"session": {"a": 2}});
    problem(tenant.send_if_match(&old, Method::PATCH, STATE, stale.clone()).await, 412, 412).await;
    tenant.sandbox.set_options(Options { runtime_conflict_status: 409, ..Options::default() });
    problem(tenant.send_if_match(&old, Method::PATCH, STATE, stale).await, 409, 1004).await;
    assert_eq!(dialog(&tenant)["version"], 2);
    assert_eq!(dialog(&tenant)["session"], json!({"a": 1}));

    let new = etag(&first);
    assert_eq!(tenant.send_if_match(&new, Method::PATCH, STATE, update).await.status(), 200);
}

#[tokio::test]
async fn all_errors_of_an_update_are_reported_at_once() {
    let tenant = with_dialog(json!({}));
    let wrong = json!({
        "session": {"7a": 1, "a-b": 1, "good": 1, "_cognigyX": 1, "nothing": null, "_session": 1},
        "user": {"_user_id": 1, "cognigy_x": 1, "ünï": 1, "": 1},
        "transition": {"nextStep": ""},
    });
    let rejected = problem(tenant.patch(STATE, wrong).await, 400, 1005).await;
    assert_eq!(
        detail_paths(&rejected),
        [
            "session.7a",
            "session.a-b",
            "session._cognigyX",
            "session.nothing",
            "session._session",
            "user._user_id",
            "user.cognigy_x",
            "user.",
            "transition.nextStep",
        ]
    );
    assert_eq!(dialog(&tenant)["version"], 1);
}

#[tokio::test]
async fn an_update_with_invalid_parts_or_without_content_is_rejected() {
    let tenant = with_dialog(json!({}));
    for body in [
        json!({}),
        json!({"session": {}, "user": {}}),
        json!({"more": 1}),
        json!({"session": null}),
        json!({"user": [1]}),
        json!({"transition": "pay"}),
        json!({"transition": {}}),
        json!({"transition": {"nextStep": 1}}),
        json!([]),
    ] {
        problem(tenant.patch(STATE, body).await, 400, 1005).await;
    }
    assert_eq!(tenant.patch(STATE, json!({"user": {"_a": 1}})).await.status(), 200);
}

#[tokio::test]
async fn an_update_of_524_288_bytes_is_accepted_and_one_more_is_413() {
    let tenant = with_dialog(json!({}));
    let of_length = |length: usize| {
        let frame = json!({"session": {"a": ""}}).to_string().len();
        json!({"session": {"a": "x".repeat(length - frame)}})
    };
    assert_eq!(tenant.patch(STATE, of_length(524_288)).await.status(), 200);
    problem(tenant.patch(STATE, of_length(524_289)).await, 413, 413).await;
}

#[tokio::test]
async fn a_dialog_that_was_not_seeded_is_404_unless_create_sessions_is_set() {
    let tenant = Tenant::start();
    let update = json!({"user": {"a": 1}});
    problem(tenant.get(STATE).await, 404, 1002).await;
    problem(tenant.patch(STATE, update.clone()).await, 404, 1002).await;
    tenant.patch("/_sandbox/config", json!({"createSessions": true})).await;
    let created = json(tenant.get(STATE).await).await;
    assert_eq!(created, json!({"session": {}, "user": {}}));
    assert_eq!(tenant.patch(STATE, update).await.status(), 200);
}

#[tokio::test]
async fn dialogs_are_seeded_listed_and_removed_over_http() {
    let tenant = Tenant::start();
    let path = "/_sandbox/dialogs/a%2Fb";
    let seed = json!({"session": {"x": 1}, "transition": {"nextStep": "ask"}});
    let seeded = json(tenant.put(path, seed).await).await;
    assert_eq!(seeded["dialogId"], "a/b");
    assert_eq!(seeded["nextStep"], "ask");
    let listed = json(tenant.get("/_sandbox/dialogs").await).await;
    assert_eq!(listed, json!({"dialogs": ["a/b"]}));
    assert_eq!(tenant.get("/runtime/v2/dialogs/a%2Fb/state").await.status(), 200);

    for wrong in [json!({"sesion": {}}), json!({"user": {"_user": 1}})] {
        problem(tenant.put(path, wrong).await, 400, 1005).await;
    }
    assert_eq!(tenant.delete(path).await.status(), 204);
    problem(tenant.delete(path).await, 404, 1002).await;
    problem(tenant.get(path).await, 404, 1002).await;
}
