//! Random faults, thousands of stories an operation, on a virtual clock: whatever the server and the
//! network do, what must not happen does not.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
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
use support::seed::{self, Story};
use support::{EPOCH, Host, Lots, Reaction, Server, answer, answer_with};

/// How many stories each operation is told in.
const STORIES: u64 = 10_000;
const DEADLINE: Duration = Duration::from_secs(60);
const SECRET: &str = "the-client-secret-that-nobody-may-see";
/// What every token begins with.
const TOKEN: &str = "tok-that-nobody-may-see-";

/// One request as the server saw it.
#[derive(Debug)]
struct Seen {
    at: Duration,
    method: Method,
    has_tag: bool,
    /// How it was answered; none for no answer.
    status: Option<u16>,
    /// Whether it took effect, as far as the client can know.
    may_have_effect: bool,
    /// When the next request may come, because the server said so.
    not_before: Duration,
}

/// Does anything, by lot.
struct Chaos {
    lots: Lots,
    /// Of 100 requests, how many are answered as they should be.
    calm: u64,
    tokens: u64,
    token_requests: u64,
    seen: Vec<Seen>,
    operation: Operation,
}

impl Chaos {
    fn good(&self, request: &Request) -> Result<cognigy_context::api::Response, TransportError> {
        let etag = [("etag", "\"v1\"")];
        match (self.operation, request.method) {
            (Operation::GetVariables | Operation::DebugSnapshot, _) => answer(
                200,
                r#"{"variables":[{"name":"a","value":"1","scope":"session"}],"pagination":null}"#,
            ),
            (Operation::InjectState, _) => answer(200, r#"{"state":"s"}"#),
            (Operation::Inject | Operation::GetInjected, _) => {
                answer_with(200, &etag, r#"{"variables":{"a":1}}"#)
            }
            _ => answer_with(200, &etag, r#"{"a":1}"#),
        }
    }

    /// `Retry-After` in one of its forms, or none, with the time from which it lets requests come.
    fn retry_after(&mut self, now: Duration) -> (Option<String>, Duration) {
        let longest = if self.lots.below(4) == 0 { 200 } else { 12 };
        let seconds = self.lots.below(longest);
        match self.lots.below(4) {
            0 => (None, Duration::ZERO),
            1 => (Some(seconds.to_string()), now + Duration::from_secs(seconds)),
            2 => {
                (Some(format!("{seconds}.25")), now + Duration::from_millis(seconds * 1_000 + 250))
            }
            _ => {
                // A date has whole seconds of the time of day.
                let at = (EPOCH + now).as_secs() + seconds;
                let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(at));
                (Some(date), Duration::from_secs(at).saturating_sub(EPOCH))
            }
        }
    }
}

impl Server for Chaos {
    fn react(&mut self, now: Duration, request: &Request, limits: Limits) -> Reaction {
        let is_token = request.url.contains("/token");
        let takes = match self.lots.below(10) {
            0 => Duration::from_secs(self.lots.below(30)),
            _ => Duration::from_millis(self.lots.below(900)),
        };
        let arrives = now + takes.min(limits.timeout);
        let is_calm = self.lots.below(100) < self.calm;
        let (not_before, reaction) = if is_calm && is_token {
            self.tokens += 1;
            let lifetime = [0, 1, 30, 3_600][self.lots.below(4) as usize];
            let body =
                json!({"access_token": format!("{TOKEN}{}", self.tokens), "expires_in": lifetime});
            (Duration::ZERO, answer(200, &body.to_string()))
        } else if is_calm {
            (Duration::ZERO, self.good(request))
        } else {
            match self.lots.below(16) {
                0 => (Duration::ZERO, Err(TransportError::Unreachable)),
                1 | 2 => (Duration::ZERO, Err(TransportError::Broken)),
                3 => (Duration::ZERO, Err(TransportError::TimedOut)),
                4 => (Duration::ZERO, answer(200, "<html>not what was asked for</html>")),
                place => {
                    let status =
                        [400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503][place as usize - 5];
                    let problem = format!(r#"{{"code":1,"detail":"{TOKEN}0"}}"#);
                    // The wait counts from the moment at which the client reads of it.
                    let (text, not_before) = self.retry_after(arrives);
                    match text {
                        Some(text) if matches!(status, 429 | 503) => {
                            (not_before, answer_with(status, &[("retry-after", &text)], &problem))
                        }
                        _ => (Duration::ZERO, answer(status, &problem)),
                    }
                }
            }
        };
        if is_token {
            self.token_requests += 1;
        } else {
            let answered = takes <= limits.timeout;
            let status = reaction.as_ref().ok().map(|answer| answer.status).filter(|_| answered);
            self.seen.push(Seen {
                at: now,
                method: request.method,
                has_tag: request.headers.iter().any(|(name, _)| *name == "if-match"),
                status,
                may_have_effect: match (&reaction, answered) {
                    (_, false) => true,
                    (Ok(answer), _) => answer.status < 300 || answer.status >= 500,
                    (Err(error), _) => *error != TransportError::Unreachable,
                },
                not_before: if answered { not_before } else { Duration::ZERO },
            });
            // The server knows the limits of what it is asked.
            assert!(now + limits.timeout <= DEADLINE, "it would be waited for past the deadline");
        }
        (takes, reaction)
    }
}

type MakeCall = fn(&Client<Host<Chaos>>, &Host<Chaos>) -> Result<(), Error>;

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

/// Every operation, with whether what it sends may be sent again although it may have taken effect.
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

fn tell(name: &str, operation: Operation, is_repeatable: bool, make_call: MakeCall, seed: u64) {
    let _story = Story { name, seed };
    let mut lots = Lots(seed);
    let calm = [5, 30, 60, 90][lots.below(4) as usize];
    let chaos = Chaos { lots, calm, tokens: 0, token_requests: 0, seen: Vec::new(), operation };
    let host = Host::new(chaos, seed ^ 0xABCD);
    let client = Client::builder()
        // Its own: syncs of a session of one tenant follow each other in the whole process, and a
        // story on another thread has another time.
        .base_url(format!("https://{seed}.example"))
        .client_credentials("client-id", SECRET)
        .clock(Arc::new(host.clone()))
        .build_with(host.clone())
        .unwrap();
    let result = make_call(&client, &host);
    let chaos = host.server.lock().unwrap();
    // Written only for a story that fails.
    let at = format_args!("{name}, seed {seed}: {result:?} {:#?}", chaos.seen);

    assert!(host.elapsed() <= DEADLINE, "it took {:?}: {at}", host.elapsed());
    for pair in chaos.seen.windows(2) {
        let [first, second] = pair else { continue };
        assert!(second.at >= first.not_before, "it came back too early: {at}");
        if let Some(status) = first.status {
            let refused = [400, 403, 404, 413, 422];
            // Where the tag that is current could not be told, it is asked for.
            assert!(!refused.contains(&status), "what was refused came again: {at}");
        }
        if !is_repeatable && first.method != Method::Get {
            let is_read = second.method == Method::Get;
            assert!(is_read || !first.may_have_effect, "it may have happened twice: {at}");
        }
    }
    if !is_repeatable {
        let effects =
            chaos.seen.iter().filter(|seen| seen.method != Method::Get && seen.may_have_effect);
        assert!(effects.count() <= 1, "it may have happened twice: {at}");
    }
    if name.contains("transition under a tag") {
        // Under one tag it can happen once only; under a newer one it would happen again.
        let doubtful =
            chaos.seen.iter().position(|seen| seen.method != Method::Get && seen.may_have_effect);
        let after = chaos.seen.iter().skip(doubtful.map_or(usize::MAX, |place| place + 1));
        let mut after = after.skip_while(|seen| seen.method != Method::Get);
        assert!(after.all(|seen| seen.method == Method::Get), "it may have happened twice: {at}");
    }
    if operation == Operation::UpdateState && !name.contains("tag") && !name.contains("rebased") {
        assert!(!chaos.seen.iter().any(|seen| seen.has_tag), "{at}");
    }

    let trail = client.audit_trail(10);
    assert_eq!(trail.len(), 1, "{at}");
    let record = &trail[0];
    assert_eq!(record.details.attempts as usize, chaos.seen.len(), "{at}");
    assert_eq!(record.operation, operation.as_str());
    assert_eq!(record.status == AuditStatus::Success, result.is_ok(), "{at}");
    let mut told = format!("{client:?} {result:?} {}", serde_json::to_string(record).unwrap());
    if let Err(error) = &result {
        told += &error.to_string();
        told += &serde_json::to_string(error).unwrap();
        if let Error::Api(failure) = error {
            assert_eq!(failure.attempts as usize, chaos.seen.len(), "{at}");
            assert_eq!(failure.operation, operation.as_str());
            if failure.kind == ApiErrorKind::RateLimit {
                assert!(
                    failure.status.is_none()
                        || failure.status == Some(429)
                        || failure.retry_after.is_some(),
                    "{at}"
                );
            }
        }
    }
    for hidden in [TOKEN, SECRET, "session-in-the-clear"] {
        assert!(!told.contains(hidden), "{hidden} is told: {told}");
    }
}

/// All operations in all their stories, on as many threads as there are processors.
#[test]
fn whatever_happens_what_must_not_happen_does_not() {
    let first = seed::first_seed();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for (name, operation, is_repeatable, make_call) in OPERATIONS {
                    for story in (thread..STORIES).step_by(threads as usize) {
                        let seed = first.wrapping_add(story);
                        tell(name, *operation, *is_repeatable, *make_call, seed);
                    }
                }
            });
        }
    });
}

/// The stories are told of every operation there is.
#[test]
fn no_operation_is_left_out() {
    let told: Vec<Operation> = OPERATIONS.iter().map(|(_, operation, ..)| *operation).collect();
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
        assert!(told.iter().any(|operation| operation.as_str() == name), "{name}");
    }
}

#[test]
fn calls_that_wait_share_one_token() {
    for fails in [false, true] {
        let mut token_requests = 0;
        let server = move |_: Duration, request: &Request, _: Limits| -> Reaction {
            if !request.url.contains("/token") {
                return (Duration::from_millis(10), answer(200, r#"{"a":1}"#));
            }
            token_requests += 1;
            assert_eq!(token_requests, 1, "a second token was asked for");
            let token = json!({"access_token": "t", "expires_in": 900}).to_string();
            let reaction = if fails { answer(401, "{}") } else { answer(200, &token) };
            (Duration::from_secs(2), reaction)
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
            let Error::Api(failure) = error else { panic!("{error}") };
            assert_eq!(failure.kind, ApiErrorKind::Authentication);
            assert!(failure.during_token);
        }
    }
}

#[test]
fn a_listener_that_fails_changes_nothing() {
    let server =
        |_: Duration, _: &Request, _: Limits| -> Reaction { (Duration::ZERO, answer(200, "{}")) };
    let host = Host::new(server, 1);
    let client =
        Client::builder().base_url("https://api.example").api_key("k").build_with(host.clone());
    let client = client.unwrap();
    fn failing() -> impl StateListener + 'static {
        |_: &str, _: &[u8], _: &cognigy_context::client::StateUpdateResult| Err("no".to_owned())
    }
    client.on_state_updated(failing());
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    client.on_state_updated(
        move |dialog: &str, payload: &[u8], _: &cognigy_context::client::StateUpdateResult| {
            hears.lock().unwrap().push((dialog.to_owned(), payload.to_vec()));
            Ok(())
        },
    );
    host.run(client.update_state("d", &update(), UpdateOptions::default())).unwrap();
    assert_eq!(*heard.lock().unwrap(), [("d".to_owned(), br#"{"session":{"a":1}}"#.to_vec())]);
}
