//! Random faults of the server and the network on a virtual clock, in thousands of cases for each operation.
//! Each case checks the client's guarantees: deadline, `Retry-After`, no repeated effect, one audit record,
//! no secret in any output.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::api::botsessions::VariablesQuery;
use cognigy_context::api::{Method, Operation, Request};
use cognigy_context::client::{
    AuditStatus, Client, Limits, StateListener, TransportError, UpdateOptions,
};
use cognigy_context::{ApiErrorKind, Error, InjectionPayload, InjectionVariable, StateUpdate};
use serde_json::json;
use support::seed::{self, SeededCase};
use support::{Host, Server, ServerReply, SplitMix64, TEST_START, response, response_with};

/// The number of cases for each operation.
const CASES: u64 = 10_000;
const DEADLINE: Duration = Duration::from_secs(60);
const SECRET: &str = "secret-client-secret";
const TOKEN_PREFIX: &str = "secret-token-";

/// One request, as the server received it.
#[derive(Debug)]
struct ReceivedRequest {
    /// The virtual time at which the client sent the request.
    sent_at: Duration,
    method: Method,
    /// Whether the request has `If-Match`.
    has_tag: bool,
    /// The status of the response; `None` without a response.
    status: Option<u16>,
    /// Whether the request may have taken effect, as far as the client can know.
    may_have_effect: bool,
    /// The virtual time before which `Retry-After` allows no other request; 0 without `Retry-After`.
    not_before: Duration,
}

/// A server that replies at random.
struct FaultyServer {
    random: SplitMix64,
    /// The percentage of requests that succeed.
    success_percent: u64,
    /// The number of granted tokens.
    tokens: u64,
    token_requests: u64,
    /// All requests except token requests.
    requests: Vec<ReceivedRequest>,
    operation: Operation,
}

impl FaultyServer {
    /// Returns the response to a request that succeeds.
    fn success(&self, request: &Request) -> Result<cognigy_context::api::Response, TransportError> {
        let etag = [("etag", "\"v1\"")];
        match (self.operation, request.method) {
            (Operation::GetVariables | Operation::DebugSnapshot, _) => response(
                200,
                r#"{"variables":[{"name":"a","value":"1","scope":"session"}],"pagination":null}"#,
            ),
            (Operation::InjectState, _) => response(200, r#"{"state":"s"}"#),
            (Operation::Inject | Operation::GetInjected, _) => {
                response_with(200, &etag, r#"{"variables":{"a":1}}"#)
            }
            _ => response_with(200, &etag, r#"{"a":1}"#),
        }
    }

    /// Returns `Retry-After` in one of its forms, or `None`, with the virtual time before which it allows
    /// no request.
    fn retry_after(&mut self, now: Duration) -> (Option<String>, Duration) {
        let seconds_bound = if self.random.below(4) == 0 { 200 } else { 12 };
        let seconds = self.random.below(seconds_bound);
        match self.random.below(4) {
            0 => (None, Duration::ZERO),
            1 => (Some(seconds.to_string()), now + Duration::from_secs(seconds)),
            2 => {
                (Some(format!("{seconds}.25")), now + Duration::from_millis(seconds * 1_000 + 250))
            }
            _ => {
                // An HTTP date has no fractions of a second.
                let end = Duration::from_secs((TEST_START + now).as_secs() + seconds);
                let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + end);
                (Some(date), end.saturating_sub(TEST_START))
            }
        }
    }
}

impl Server for FaultyServer {
    fn reply(&mut self, now: Duration, request: &Request, limits: Limits) -> ServerReply {
        let is_token_request = request.url.contains("/token");
        let latency = match self.random.below(10) {
            0 => Duration::from_secs(self.random.below(30)),
            _ => Duration::from_millis(self.random.below(900)),
        };
        let response_time = now + latency.min(limits.timeout);
        let succeeds = self.random.below(100) < self.success_percent;
        let (not_before, result) = if succeeds && is_token_request {
            self.tokens += 1;
            let lifetime = [0, 1, 30, 3_600][self.random.below(4) as usize];
            let body = json!({"access_token": format!("{TOKEN_PREFIX}{}", self.tokens), "expires_in": lifetime});
            (Duration::ZERO, response(200, &body.to_string()))
        } else if succeeds {
            (Duration::ZERO, self.success(request))
        } else {
            match self.random.below(16) {
                0 => (Duration::ZERO, Err(TransportError::Unreachable)),
                1 | 2 => (Duration::ZERO, Err(TransportError::Broken)),
                3 => (Duration::ZERO, Err(TransportError::TimedOut)),
                4 => (Duration::ZERO, response(200, "<html>not JSON</html>")),
                index => {
                    let status =
                        [400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503][index as usize - 5];
                    let problem = format!(r#"{{"code":1,"detail":"{TOKEN_PREFIX}0"}}"#);
                    // The wait starts when the response arrives at the client.
                    let (text, not_before) = self.retry_after(response_time);
                    match text {
                        Some(text) if matches!(status, 429 | 503) => {
                            (not_before, response_with(status, &[("retry-after", &text)], &problem))
                        }
                        _ => (Duration::ZERO, response(status, &problem)),
                    }
                }
            }
        };
        if is_token_request {
            self.token_requests += 1;
        } else {
            let has_response = latency <= limits.timeout;
            let status =
                result.as_ref().ok().map(|response| response.status).filter(|_| has_response);
            self.requests.push(ReceivedRequest {
                sent_at: now,
                method: request.method,
                has_tag: request.headers.iter().any(|(name, _)| *name == "if-match"),
                status,
                may_have_effect: match (&result, has_response) {
                    (_, false) => true,
                    (Ok(response), _) => response.status < 300 || response.status >= 500,
                    (Err(error), _) => *error != TransportError::Unreachable,
                },
                not_before: if has_response { not_before } else { Duration::ZERO },
            });
            assert!(now + limits.timeout <= DEADLINE, "the timeout ends after the deadline");
        }
        (latency, result)
    }
}

type MakeCall = fn(&Client<Host<FaultyServer>>, &Host<FaultyServer>) -> Result<(), Error>;

fn payload() -> InjectionPayload {
    InjectionPayload::new("session-in-the-clear", [InjectionVariable::new("a", json!(1))])
}

fn update() -> StateUpdate {
    StateUpdate::default().session("a", json!(1))
}

fn tagged(rebase: bool) -> UpdateOptions {
    UpdateOptions { if_match: Some("\"v1\"".to_owned()), rebase }
}

const ID: &str = "session-in-the-clear";

/// Every operation with a name, and whether its request is idempotent: the client retries it after an
/// ambiguous error.
const OPERATIONS: &[(&str, Operation, bool, MakeCall)] = &[
    ("append_variables", Operation::AppendVariables, true, |client, host| {
        host.run(client.append_variables(ID, &json!({"a": 1}))).map(drop)
    }),
    ("get_document", Operation::GetDocument, true, |client, host| {
        host.run(client.get_document(ID)).map(drop)
    }),
    ("sync_context", Operation::SyncContext, true, |client, host| {
        host.run(client.sync_context(ID, &json!({"a": 1}))).map(drop)
    }),
    ("inject", Operation::Inject, true, |client, host| {
        host.run(client.inject(&payload(), None)).map(drop)
    }),
    ("get_injected", Operation::GetInjected, true, |client, host| {
        host.run(client.get_injected(ID)).map(drop)
    }),
    ("session_exists", Operation::SessionExists, true, |client, host| {
        host.run(client.session_exists(ID)).map(drop)
    }),
    ("get_variables", Operation::GetVariables, true, |client, host| {
        host.run(client.get_variables(ID, &VariablesQuery::default())).map(drop)
    }),
    ("debug_snapshot", Operation::DebugSnapshot, true, |client, host| {
        host.run(client.debug_snapshot(ID, &VariablesQuery::default())).map(drop)
    }),
    ("get_state", Operation::GetState, true, |client, host| {
        host.run(client.get_state(ID)).map(drop)
    }),
    ("update_state", Operation::UpdateState, true, |client, host| {
        host.run(client.update_state(ID, &update(), UpdateOptions::default())).map(drop)
    }),
    ("update_state with a transition", Operation::UpdateState, false, |client, host| {
        let update = update().next_step("next");
        host.run(client.update_state(ID, &update, UpdateOptions::default())).map(drop)
    }),
    ("update_state with a transition, rebased", Operation::UpdateState, false, |client, host| {
        let update = update().next_step("next");
        let options = UpdateOptions { if_match: None, rebase: true };
        host.run(client.update_state(ID, &update, options)).map(drop)
    }),
    (
        "update_state with a transition under a tag, rebased",
        Operation::UpdateState,
        true,
        |client, host| {
            let update = update().next_step("next");
            host.run(client.update_state(ID, &update, tagged(true))).map(drop)
        },
    ),
    ("update_state under a tag", Operation::UpdateState, true, |client, host| {
        let update = update().next_step("next");
        host.run(client.update_state(ID, &update, tagged(false))).map(drop)
    }),
    ("update_state, rebased", Operation::UpdateState, true, |client, host| {
        host.run(client.update_state(ID, &update(), tagged(true))).map(drop)
    }),
    ("inject_context", Operation::InjectContext, true, |client, host| {
        host.run(client.inject_context(ID, "user", &json!({"a": 1}))).map(drop)
    }),
    ("reset_context", Operation::ResetContext, false, |client, host| {
        host.run(client.reset_context(ID, "user", "flow", "entry")).map(drop)
    }),
    ("inject_state", Operation::InjectState, true, |client, host| {
        host.run(client.inject_state(ID, "user", "s")).map(drop)
    }),
    ("reset_state", Operation::ResetState, false, |client, host| {
        host.run(client.reset_state(ID, "user"))
    }),
    ("list_profiles", Operation::ListProfiles, true, |client, host| {
        host.run(client.list_profiles(&[("limit", "3")])).map(drop)
    }),
    ("get_profile", Operation::GetProfile, true, |client, host| {
        host.run(client.get_profile("p")).map(drop)
    }),
    ("create_profile", Operation::CreateProfile, false, |client, host| {
        host.run(client.create_profile(&json!({"a": 1}))).map(drop)
    }),
    ("update_profile", Operation::UpdateProfile, true, |client, host| {
        host.run(client.update_profile("p", &json!({"active": true}))).map(drop)
    }),
    ("delete_profile", Operation::DeleteProfile, true, |client, host| {
        host.run(client.delete_profile("p"))
    }),
];

/// Runs an operation against a random server and checks the guarantees.
fn check_case(
    name: &str,
    operation: Operation,
    is_idempotent: bool,
    make_call: MakeCall,
    seed: u64,
) {
    let _case = SeededCase { name, seed };
    let mut random = SplitMix64(seed);
    let success_percent = [5, 30, 60, 90][random.below(4) as usize];
    let server = FaultyServer {
        random,
        success_percent,
        tokens: 0,
        token_requests: 0,
        requests: Vec::new(),
        operation,
    };
    // The random numbers of the client differ from those of the server.
    let host = Host::new(server, seed ^ 0xABCD);
    let client = Client::builder()
        // No other case uses this URL: the syncs of one tenant's session run one after another in
        // the process, and the cases of other threads have other clocks.
        .base_url(format!("https://{seed}.example"))
        .client_credentials("client-id", SECRET)
        .clock(Arc::new(host.clone()))
        .build_with(host.clone())
        .unwrap();
    let result = make_call(&client, &host);
    let requests = &host.server.lock().unwrap().requests;
    // Formatted only for a case that fails.
    let case = format_args!("{name}, seed {seed}: {result:?} {requests:#?}");

    assert!(host.elapsed() <= DEADLINE, "the call took {:?}: {case}", host.elapsed());
    for pair in requests.windows(2) {
        let [first, second] = pair else { continue };
        assert!(second.sent_at >= first.not_before, "retried before `Retry-After`: {case}");
        if let Some(status) = first.status {
            // Another request may follow any other status.
            let permanent = [400, 403, 404, 413, 422];
            assert!(!permanent.contains(&status), "a rejected request was sent again: {case}");
        }
        if !is_idempotent && first.method != Method::Get {
            let is_read = second.method == Method::Get;
            assert!(is_read || !first.may_have_effect, "the effect may be repeated: {case}");
        }
    }
    if !is_idempotent {
        let effects = requests
            .iter()
            .filter(|request| request.method != Method::Get && request.may_have_effect);
        assert!(effects.count() <= 1, "the effect may be repeated: {case}");
    }
    if name.contains("transition under a tag") {
        // Under one tag a transition happens at most once; under a newer tag it could happen again.
        let ambiguous = requests
            .iter()
            .position(|request| request.method != Method::Get && request.may_have_effect);
        let after = requests.iter().skip(ambiguous.map_or(usize::MAX, |index| index + 1));
        let mut after = after.skip_while(|request| request.method != Method::Get);
        assert!(
            after.all(|request| request.method == Method::Get),
            "the effect may be repeated: {case}"
        );
    }
    if operation == Operation::UpdateState && !name.contains("tag") && !name.contains("rebased") {
        assert!(!requests.iter().any(|request| request.has_tag), "{case}");
    }

    let trail = client.audit_trail(10);
    assert_eq!(trail.len(), 1, "{case}");
    let record = &trail[0];
    assert_eq!(record.details.attempts as usize, requests.len(), "{case}");
    assert_eq!(record.operation, operation.as_str());
    assert_eq!(record.status == AuditStatus::Success, result.is_ok(), "{case}");
    let mut output = format!("{client:?} {result:?} {}", serde_json::to_string(record).unwrap());
    if let Err(error) = &result {
        output += &error.to_string();
        output += &serde_json::to_string(error).unwrap();
        if let Error::Api(error) = error {
            assert_eq!(error.attempts as usize, requests.len(), "{case}");
            assert_eq!(error.operation, operation.as_str());
            if error.kind == ApiErrorKind::RateLimit {
                assert!(
                    error.status.is_none()
                        || error.status == Some(429)
                        || error.retry_after.is_some(),
                    "{case}"
                );
            }
        }
    }
    for hidden in [TOKEN_PREFIX, SECRET, "session-in-the-clear"] {
        assert!(!output.contains(hidden), "{hidden} in {output}");
    }
}

/// Runs all cases of all operations, on as many threads as there are processors.
#[test]
fn random_faults_break_no_guarantee() {
    let first = seed::first_seed();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for (name, operation, is_idempotent, make_call) in OPERATIONS {
                    for case in (thread..CASES).step_by(threads as usize) {
                        let seed = first.wrapping_add(case);
                        check_case(name, *operation, *is_idempotent, *make_call, seed);
                    }
                }
            });
        }
    });
}

#[test]
fn each_operation_of_the_list_is_tested() {
    let tested: Vec<Operation> = OPERATIONS.iter().map(|(_, operation, ..)| *operation).collect();
    for name in [
        "append_variables",
        "get_document",
        "sync_context",
        "inject",
        "get_injected",
        "session_exists",
        "get_variables",
        "debug_snapshot",
        "get_state",
        "update_state",
        "inject_context",
        "reset_context",
        "inject_state",
        "reset_state",
        "list_profiles",
        "get_profile",
        "create_profile",
        "update_profile",
        "delete_profile",
    ] {
        assert!(tested.iter().any(|operation| operation.as_str() == name), "{name}");
    }
}

#[test]
fn waiting_calls_share_one_token_request_and_its_error() {
    for fails in [false, true] {
        let mut token_requests = 0;
        let server = move |_: Duration, request: &Request, _: Limits| -> ServerReply {
            if !request.url.contains("/token") {
                return (Duration::from_millis(10), response(200, r#"{"a":1}"#));
            }
            token_requests += 1;
            assert_eq!(token_requests, 1, "a second token was requested");
            let token = json!({"access_token": "t", "expires_in": 900}).to_string();
            let result = if fails { response(401, "{}") } else { response(200, &token) };
            (Duration::from_secs(2), result)
        };
        let host = Host::new(server, 1);
        let client = Client::builder()
            .base_url("https://api.example")
            .client_credentials("id", SECRET)
            .max_concurrent(64)
            .build_with(host.clone())
            .unwrap();
        let calls = (0..64).map(|_| client.get_document("s"));
        let results = host.run(futures_util::future::join_all(calls));
        assert!(results.iter().all(|result| result.is_ok() != fails));
        for error in results.into_iter().filter_map(Result::err) {
            let Error::Api(error) = error else { panic!("{error}") };
            assert_eq!(error.kind, ApiErrorKind::Authentication);
            assert!(error.during_token);
        }
    }
}

#[test]
fn a_failing_listener_does_not_affect_the_update() {
    let server = |_: Duration, _: &Request, _: Limits| -> ServerReply {
        (Duration::ZERO, response(200, "{}"))
    };
    let host = Host::new(server, 1);
    let client =
        Client::builder().base_url("https://api.example").api_key("k").build_with(host.clone());
    let client = client.unwrap();
    fn failing_listener() -> impl StateListener + 'static {
        |_: &str, _: &[u8], _: &cognigy_context::client::StateUpdateResult| Err("no".to_owned())
    }
    client.on_state_updated(failing_listener());
    let updates = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&updates);
    client.on_state_updated(
        move |dialog: &str, payload: &[u8], _: &cognigy_context::client::StateUpdateResult| {
            sink.lock().unwrap().push((dialog.to_owned(), payload.to_vec()));
            Ok(())
        },
    );
    host.run(client.update_state("d", &update(), UpdateOptions::default())).unwrap();
    assert_eq!(*updates.lock().unwrap(), [("d".to_owned(), br#"{"session":{"a":1}}"#.to_vec())]);
}
