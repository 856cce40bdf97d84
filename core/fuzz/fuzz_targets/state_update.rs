//! State updates: the first two bytes are the payload limit; the session's variables, the user's and the next step
//! follow, separated by zero bytes.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::policy::NameRule;
use cognigy_context::{Policy, StateUpdate};
use serde_json::{Map, Value};
use support::{parse, split_once, text_of};

/// Writes one update, and splits it by the limit.
pub fn run(data: &[u8]) {
    let Some((limit, rest)) = data.split_first_chunk::<2>() else { return };
    let limit = u64::from(u16::from_le_bytes(*limit));
    let (session, rest) = split_once(rest);
    let (user, step) = split_once(rest);
    let members = |text| match parse(text) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let next_step = text_of(step).filter(|step| !step.is_empty()).map(str::to_owned);
    let update = StateUpdate { session: members(session), user: members(user), next_step };
    if let (Ok(written), Ok(parts)) = (update.to_json(), update.split()) {
        assert_eq!(parts, [update.clone()]);
        assert!(parse(&written.body).is_some());
    }
    let policy = Policy {
        max_payload_bytes: Some(limit),
        names: NameRule::Any,
        reserved_prefixes: Vec::new().into(),
        allow_null: true,
        ..Policy::state().clone()
    };
    let whole = update.to_json_with_policy(&policy);
    match update.split_with_policy(&policy) {
        Ok(parts) => {
            let mut joined = StateUpdate::default();
            let count = parts.len();
            for (index, part) in parts.into_iter().enumerate() {
                let written =
                    part.to_json_with_policy(&policy).expect("a part is within the limit");
                assert!(written.body.len() as u64 <= limit);
                assert!(
                    part.next_step.is_none() || index + 1 == count,
                    "the transition is in the last part"
                );
                joined.session.extend(part.session);
                joined.user.extend(part.user);
                joined.next_step = part.next_step;
            }
            assert_eq!(joined, update);
            assert!(whole.is_err() || count == 1);
        }
        Err(_) => assert!(whole.is_err(), "the whole update is within the limit"),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
