//! Responses of a server that errs or attacks: endless pages, unusable entity tags, repeated credentials.

use std::time::Duration;

use cognigy_context::api::{ApiFamily, Method, Request};
use cognigy_context::client::{Settings, UpdateOptions};
use cognigy_context::{ApiErrorKind, Code, Error, StateUpdate};
use serde_json::{Value, json};

use crate::support::log_capture::with_warnings;
use crate::support::{ServerReply, response, response_with};
use crate::{SHORT_LATENCY, builder, call, header, host, is_token_request, payload};

/// Returns a page with a variable of `size` bytes and the cursor of the next page.
fn page(size: usize, next: &str) -> String {
    let value = "x".repeat(size);
    format!(
        r#"{{"variables":[{{"name":"a","value":"{value}","scope":"user"}}],"pagination":{{"nextCursor":"{next}"}}}}"#
    )
}

/// Reads the variables from a server that names ever new cursors. Returns the error.
fn read_endless_pages(size: usize, settings: Settings) -> cognigy_context::ApiError {
    let mut count = 0;
    let host = host(move |_: &Request| {
        count += 1;
        (Duration::from_millis(1), response(200, &page(size, &format!("c{count}"))))
    });
    let client = builder().api_key("k").settings(settings).build_with(host.clone()).unwrap();
    let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::Botsessions)) else {
        panic!("the call succeeded");
    };
    *error
}

fn unlimited_rate() -> Settings {
    Settings { rate: None, ..Settings::default() }
}

#[test]
fn the_number_of_pages_is_limited() {
    let error = read_endless_pages(1, unlimited_rate());
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Protocol, 1_000));
    assert!(error.to_string().contains("more than 1,000 pages"), "{error}");
    assert!(!error.retryable());
}

#[test]
fn the_size_of_all_pages_together_is_limited() {
    let error = read_endless_pages(8 << 20, unlimited_rate());
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Protocol, 8));
    assert!(error.to_string().contains("larger than 67,108,864 bytes together"), "{error}");
}

#[test]
fn a_larger_limit_of_one_response_raises_the_limit_of_all_pages() {
    let error = read_endless_pages(33 << 20, Settings { max_body: 65 << 20, ..unlimited_rate() });
    assert!(error.to_string().contains("larger than 68,157,440 bytes together"), "{error}");
    assert_eq!(error.attempts, 2);
}

#[test]
fn a_cursor_that_is_too_long_for_a_url_is_a_protocol_error() {
    // A space has three bytes in a URL.
    for (cursor, is_accepted) in [(" ".repeat(682), true), (" ".repeat(683), false)] {
        let host = host(move |request: &Request| {
            let is_first = !request.url.contains("next=");
            let body = if is_first { page(1, &cursor) } else { r#"{"variables":[]}"#.to_owned() };
            (SHORT_LATENCY, response(200, &body))
        });
        let client = builder().api_key("k").build_with(host.clone()).unwrap();
        match host.run(call(&client, ApiFamily::Botsessions)) {
            Ok(()) => assert!(is_accepted),
            Err(Error::Api(error)) => {
                assert!(!is_accepted);
                assert_eq!((error.kind, error.attempts), (ApiErrorKind::Protocol, 1));
                let text = error.to_string();
                assert!(
                    text.contains("nextCursor is 2,049 bytes in a URL, the limit is 2,048"),
                    "{text}"
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn texts_that_reveal_a_credential_are_removed_from_errors() {
    const KEY: &str = "sk-0123456789abcdef";
    for (code, trace_id) in [
        (json!(KEY), json!(format!("trace:{KEY}"))),
        (json!("E.sk-01234"), json!("9abcdef")),
        (json!("SK-0123456789ABCDEF"), json!("x\u{1b}[31m")),
    ] {
        let body = json!({"code": code, "traceId": trace_id}).to_string();
        let host = host(move |_: &Request| (SHORT_LATENCY, response(400, &body)));
        let client = builder().api_key(KEY).build_with(host.clone()).unwrap();
        let (result, warnings) = with_warnings(|| host.run(call(&client, ApiFamily::SessionsV2)));
        let Err(Error::Api(error)) = result else { panic!("the call succeeded") };
        assert_eq!(error.code, None, "{code}");
        let log = format!("{error} {warnings:?} {:?}", client.audit_trail(9));
        assert!(!log.to_lowercase().contains("sk-0") && !log.contains('\u{1b}'), "{log}");
    }
}

#[test]
fn a_token_and_a_client_secret_are_removed_from_errors() {
    const SECRET: &str = "client-secret-value";
    // The token endpoint repeats the secret, and the API repeats the token.
    for token_status in [200, 400] {
        let host = host(move |request: &Request| {
            let body = if is_token_request(request) {
                json!({"access_token": "issued-token-value", "code": SECRET, "traceId": SECRET})
            } else {
                json!({"code": "issued-token-value", "traceId": "ok-1", "issued-token-value": 1})
            };
            let status = if is_token_request(request) { token_status } else { 422 };
            (SHORT_LATENCY, response(status, &body.to_string()))
        });
        let client = builder().client_credentials("id", SECRET).build_with(host.clone()).unwrap();
        let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
            panic!("the call succeeded");
        };
        assert_eq!(error.code, None);
        assert_eq!(error.trace_id.as_deref(), (token_status == 200).then_some("ok-1"));
    }
}

#[test]
fn a_conflict_contains_no_tag_that_reveals_a_credential() {
    const KEY: &str = "sk-0123456789abcdef";
    let update = StateUpdate::default().session("a", json!(1));
    for (tag, is_kept) in [("\"sk-0123456789abcdef\"", false), ("\"x9abcdef\"", true)] {
        for tagged_method in [Method::Patch, Method::Get] {
            let host = host(move |request: &Request| {
                let headers = [("etag", tag)];
                let headers: &[_] = if request.method == tagged_method { &headers } else { &[] };
                let status = if request.method == Method::Get { 200 } else { 412 };
                (SHORT_LATENCY, response_with(status, headers, "{}"))
            });
            let client = builder().api_key(KEY).build_with(host.clone()).unwrap();
            let result = host.run(client.update_state("d", &update, UpdateOptions::default()));
            let Err(Error::Api(error)) = result else { panic!("the call succeeded") };
            assert_eq!(error.current_tag.as_deref(), is_kept.then_some(tag));
            let text = serde_json::to_string(&Error::Api(error)).unwrap();
            assert!(!text.contains("sk-0"), "{text}");
        }
    }
}

#[test]
fn codes_and_trace_ids_without_a_credential_stay() {
    let body = json!({"code": "rate_limited", "traceId": "trace-1:a.b"}).to_string();
    let host = host(move |_: &Request| (SHORT_LATENCY, response(400, &body)));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
        panic!("the call succeeded");
    };
    assert!(error.to_string().contains("code rate_limited, trace trace-1:a.b"), "{error}");
}

#[test]
fn a_protocol_error_contains_only_plain_keys_of_the_response() {
    let too_deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for (body, expected) in [
        (r#"{"max@example.org":{"a":1,"a":2}}"#, "cannot be read at /… (duplicate_key)"),
        (r#"{"list":[{"a":1,"a":2}]}"#, "cannot be read at /list/0/a (duplicate_key)"),
        (&*too_deep, "/a/a/"),
    ] {
        let body = body.to_owned();
        let host = host(move |_: &Request| (SHORT_LATENCY, response(200, &body)));
        let client = builder().api_key("k").build_with(host.clone()).unwrap();
        let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::RuntimeV2)) else {
            panic!("the call succeeded");
        };
        assert_eq!(error.kind, ApiErrorKind::Protocol);
        let text = error.to_string();
        assert!(text.contains(expected) && text.len() < 400, "{text}");
    }
}

#[test]
fn a_rejected_document_contains_only_plain_keys_of_the_server() {
    const KEY: &str = "sk-0123456789abcdef";
    let too_large = "1".repeat(30);
    let too_large_body = "x".repeat(1 << 20);
    for (index, (document, path)) in [
        (format!(r#"{{"max@example.org":{too_large}}}"#), "/…"),
        (format!(r#"{{"a":{{"b\u001b[2J":{too_large}}}}}"#), "/a/…"),
        (format!(r#"{{"{KEY}":{too_large}}}"#), "/…"),
        (format!(r#"{{"{}":{too_large}}}"#, "k".repeat(100_000)), "/…"),
        (format!(r#"{{"plain":{too_large}}}"#), "/plain"),
        // The caller's key stays, although the value is the server's.
        (format!(r#"{{"own key":{{"b":{too_large}}}}}"#), "/own key/b"),
        // The merged document is rejected as a whole, with a warning about the value of the server's key.
        (format!(r#"{{"a b":9007199254740993,"c":"{too_large_body}"}}"#), "/…"),
    ]
    .into_iter()
    .enumerate()
    {
        let host = host(move |_: &Request| (SHORT_LATENCY, response(200, &document)));
        let client = builder().api_key(KEY).build_with(host.clone()).unwrap();
        let session = format!("plain-keys-{index}");
        let data = json!({"own key": {"b": 1}});
        let (result, warnings) = with_warnings(|| host.run(client.sync_context(&session, &data)));
        let Err(Error::Validation(error)) = result else { panic!("{index}: {result:?}") };
        let paths: Vec<&str> =
            error.report().issues.iter().map(|issue| issue.path.as_str()).collect();
        assert!(paths.contains(&path), "{index}: {paths:?}");
        assert!(!paths.iter().any(|path| path.contains("a b")), "{index}: {paths:?}");
        let log = format!("{error} {error:?} {warnings:?}");
        assert!(log.len() < 2_000 && !log.contains("sk-0") && !log.contains("max@"), "{log}");
    }
}

/// The header `If-Match` of each write.
fn conditions(requests: &[(Duration, Request)]) -> Vec<Option<String>> {
    let writes = requests.iter().filter(|(_, request)| request.method != Method::Get);
    writes.map(|(_, request)| header(request, "if-match").map(str::to_owned)).collect()
}

/// Entity tags, and whether they are strong.
const TAGS: [(&str, bool); 8] = [
    ("\"v1\"", true),
    ("\"v\u{e9}\"", true),
    ("W/\"v1\"", false),
    ("*", false),
    ("v1", false),
    ("\"a\", \"b\"", false),
    ("", false),
    ("\"a b\"", false),
];

#[test]
fn sync_context_sends_a_strong_tag_unchanged_and_warns_about_any_other() {
    for (index, (tag, is_strong)) in TAGS.into_iter().enumerate() {
        let host = host(move |request: &Request| match request.method {
            Method::Get => (SHORT_LATENCY, response_with(200, &[("etag", tag)], r#"{"a":1}"#)),
            _ => (SHORT_LATENCY, response(200, "")),
        });
        let client = builder().api_key("k").build_with(host.clone()).unwrap();
        // Session locks belong to the process, but each host has its own clock.
        let session = format!("tag-{index}");
        let (result, warnings) =
            with_warnings(|| host.run(client.sync_context(&session, &json!({"b": 2}))));
        result.unwrap();
        let sent = conditions(&host.server.lock().unwrap().requests);
        assert_eq!(sent, [is_strong.then(|| tag.to_owned())], "{tag:?}");
        assert_eq!(warnings.is_empty(), is_strong, "{tag:?} {warnings:?}");
        assert!(warnings.iter().all(|warning| warning.starts_with("the write is unguarded")));
    }
}

#[test]
fn several_tags_are_no_tag() {
    let host = host(move |request: &Request| {
        let headers = [("etag", "\"v1\""), ("etag", "\"v1\"")];
        let headers: &[_] = if request.method == Method::Get { &headers } else { &[] };
        (SHORT_LATENCY, response_with(200, headers, "{}"))
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    assert_eq!(host.run(client.get_document("several-tags")).unwrap().tag, None);
    let (result, warnings) =
        with_warnings(|| host.run(client.sync_context("several-tags", &json!({"b": 2}))));
    result.unwrap();
    assert_eq!(conditions(&host.server.lock().unwrap().requests), [None]);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("it is not an entity tag"), "{warnings:?}");
}

#[test]
fn a_write_that_loses_its_condition_after_a_conflict_is_reported() {
    // The server rejects every condition, and names the tag `first_tag` only in its first response.
    let conflicting = |first_tag: &'static str| {
        let mut tags = [first_tag].into_iter();
        host(move |request: &Request| match request.method {
            Method::Get => {
                let tag = tags.next().unwrap_or_default();
                let headers = [("etag", tag)];
                let headers: &[_] = if tag.is_empty() { &[] } else { &headers };
                (SHORT_LATENCY, response_with(200, headers, "{}"))
            }
            _ if header(request, "if-match").is_some() => (SHORT_LATENCY, response(412, "")),
            _ => (SHORT_LATENCY, response(200, "{}")),
        })
    };
    let lost = "the write after a conflict is unguarded: the response has no `ETag`";
    let tag = || Some("\"1\"".to_owned());

    let host = conflicting("");
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let update = StateUpdate::default().session("a", json!(1));
    let options = UpdateOptions { if_match: tag(), rebase: true };
    let (result, warnings) = with_warnings(|| host.run(client.update_state("d", &update, options)));
    assert!(!result.unwrap().guarded);
    assert_eq!(conditions(&host.server.lock().unwrap().requests), [tag(), None]);
    assert!(warnings.len() == 1 && warnings[0].starts_with(lost), "{warnings:?}");

    let host = conflicting("\"1\"");
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let (result, warnings) =
        with_warnings(|| host.run(client.sync_context("lost-tag", &json!({"b": 2}))));
    result.unwrap();
    assert_eq!(conditions(&host.server.lock().unwrap().requests), [tag(), None]);
    assert!(warnings.len() == 1 && warnings[0].starts_with(lost), "{warnings:?}");
}

#[test]
fn sync_context_does_not_warn_when_the_server_sends_no_tag() {
    let host = host(|_: &Request| (SHORT_LATENCY, response(200, "{}")));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let (result, warnings) =
        with_warnings(|| host.run(client.sync_context("no-tag", &json!({"b": 2}))));
    result.unwrap();
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_weak_tag_does_not_make_conflicts_loop() {
    // A server that compares weak tags strongly: no weak tag ever matches.
    let host = host(|request: &Request| match request.method {
        Method::Get => {
            (SHORT_LATENCY, response_with(200, &[("etag", "W/\"1\"")], r#"{"variables":{}}"#))
        }
        _ if header(request, "if-match").is_some() => (SHORT_LATENCY, response(412, "")),
        _ => (SHORT_LATENCY, response(200, r#"{"variables":{}}"#)),
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    host.run(client.sync_context("weak-tag", &json!({"a": 1}))).unwrap();
    host.run(client.inject(&payload(), None)).unwrap();
    assert_eq!(host.server.lock().unwrap().requests.len(), 3);
}

/// Returns an update whose three parts each fit into one request.
fn large_update() -> StateUpdate {
    ["a", "b", "c"]
        .into_iter()
        .fold(StateUpdate::default(), |update, name| {
            update.session(name, json!("x".repeat(300_000)))
        })
        .next_step("confirm")
}

/// Replies to each update with the next of `tags`; an empty one is no header.
fn tagging(tags: &'static [&'static str]) -> impl FnMut(&Request) -> ServerReply + Send + 'static {
    let mut tags = tags.iter();
    move |_| {
        let tag = tags.next().copied().unwrap_or_default();
        let headers: &[(&str, &str)] = if tag.is_empty() { &[] } else { &[("etag", tag)] };
        (SHORT_LATENCY, response_with(200, headers, "{}"))
    }
}

#[test]
fn update_state_parts_reports_a_part_that_is_unguarded() {
    let host = host(tagging(&["\"2\"", "W/\"3\"", ""]));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let options = UpdateOptions { if_match: Some("\"1\"".to_owned()), rebase: false };
    let (results, warnings) =
        with_warnings(|| host.run(client.update_state_parts("d", &large_update(), options)));
    let guarded: Vec<bool> = results.unwrap().iter().map(|result| result.guarded).collect();
    assert_eq!(guarded, [true, true, false]);
    let sent = conditions(&host.server.lock().unwrap().requests);
    assert_eq!(sent, [Some("\"1\"".to_owned()), Some("\"2\"".to_owned()), None]);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("the next part of the update is unguarded"), "{warnings:?}");
}

#[test]
fn update_state_parts_without_a_tag_has_no_condition_and_no_warning() {
    let host = host(tagging(&["\"2\"", "\"3\"", "\"4\""]));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let options = UpdateOptions::default();
    let (results, warnings) =
        with_warnings(|| host.run(client.update_state_parts("d", &large_update(), options)));
    assert!(results.unwrap().iter().all(|result| !result.guarded));
    assert_eq!(conditions(&host.server.lock().unwrap().requests), [None, None, None]);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_transition_that_a_rebase_sends_without_a_tag_is_not_retried() {
    let mut updates = 0;
    let host = host(move |request: &Request| {
        if request.method == Method::Get {
            return (SHORT_LATENCY, response_with(200, &[("etag", "W/\"2\"")], "{}"));
        }
        updates += 1;
        (SHORT_LATENCY, response(if updates == 1 { 412 } else { 500 }, ""))
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let update = StateUpdate::default().next_step("confirm");
    let options = UpdateOptions { if_match: Some("\"1\"".to_owned()), rebase: true };
    let Err(Error::Api(error)) = host.run(client.update_state("d", &update, options)) else {
        panic!("the call succeeded");
    };
    // The update, the read, and one update without a condition, which may have taken effect.
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Server, 3));
}

#[test]
fn if_match_accepts_only_a_strong_tag() {
    let too_long = format!("\"{}\"", "a".repeat(4_095));
    let tags = TAGS.into_iter().filter(|(_, is_strong)| !is_strong).map(|(tag, _)| tag);
    for tag in tags.chain([&*too_long, "\"a\r\nx-evil: 1\""]) {
        let host = host(|_: &Request| (SHORT_LATENCY, response(200, "")));
        let client = builder().api_key("k").build_with(host.clone()).unwrap();
        let update = StateUpdate::default().session("a", json!(1));
        let options = UpdateOptions { if_match: Some(tag.to_owned()), rebase: false };
        let Err(Error::Validation(error)) = host.run(client.update_state("d", &update, options))
        else {
            panic!("{tag:?} was accepted");
        };
        let issue = &error.report().issues[0];
        assert_eq!((issue.code, issue.path.as_str()), (Code::InvalidId, "/ifMatch"));
        assert!(tag.len() < 2 || !error.to_string().contains(tag), "{error}");
        assert!(host.server.lock().unwrap().requests.is_empty());
    }
}

#[test]
fn an_id_that_is_too_long_for_a_url_is_not_sent() {
    for (id, actual) in [("a".repeat(70_000), 70_000), ("/".repeat(683), 2_049)] {
        let host = host(|_: &Request| (SHORT_LATENCY, response(200, "")));
        let client = builder().api_key("k").build_with(host.clone()).unwrap();
        let Err(Error::Validation(error)) = host.run(client.session_exists(&id)) else {
            panic!("the id was accepted");
        };
        let issue = &error.report().issues[0];
        assert_eq!(issue.code, Code::InvalidId);
        assert_eq!((issue.limit, issue.actual), (Some(2_048), Some(actual)));
        assert!(host.server.lock().unwrap().requests.is_empty());
        let query = [("filter", id.as_str())];
        let Err(Error::Validation(error)) = host.run(client.list_profiles(&query)) else {
            panic!("the query was accepted");
        };
        assert_eq!(error.report().issues[0].code, Code::ValueTooLarge);
    }
}

#[test]
fn a_token_that_no_header_can_contain_is_a_protocol_error() {
    for token in ["a\r\nx-evil: 1", "a b", "\u{e9}", "", &"t".repeat(16_385)] {
        let body = json!({ "access_token": token }).to_string();
        let host = host(move |_: &Request| (SHORT_LATENCY, response(200, &body)));
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
            panic!("{token:?} was accepted");
        };
        assert_eq!(error.kind, ApiErrorKind::Protocol);
        assert_eq!(host.server.lock().unwrap().requests.len(), 1);
    }
}

#[test]
fn a_response_that_is_not_a_page_names_only_fixed_parts_of_the_path() {
    let body = json!({"variables": [{"name": 1, "value": "a", "scope": "user"}], "x": Value::Null});
    let host = host(move |_: &Request| (SHORT_LATENCY, response(200, &body.to_string())));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::Botsessions)) else {
        panic!("the call succeeded");
    };
    assert!(error.to_string().contains("/variables/0/name"), "{error}");
}
