//! The hot paths of the core by name. Each function prepares the input and returns the work, so that only the work is
//! counted.

use std::hint::black_box;
use std::time::Duration;

use cognigy_context::__bindings::coerce_text;
use cognigy_context::coerce::Mode;
use cognigy_context::context::{ContextManager, ContextOptions};
use cognigy_context::{
    CheckOptions, InjectionPayload, InjectionVariable, ManualClock, Policy, StateUpdate,
    check_json, debug_view, measure, measure_json, parse_variables,
};
use serde_json::{Value, json};

use crate::inputs;

/// The work whose instructions are counted.
type Measured = Box<dyn FnMut()>;

/// The name of a path and the function that prepares the code to measure.
type NamedPath = (&'static str, fn() -> Measured);

pub(crate) const PATHS: [NamedPath; 11] = [
    ("check_text", check_text),
    ("check_and_write_value", check_and_write_value),
    ("check_names", check_names),
    ("measure_text", measure_text),
    ("measure_value", measure_value),
    ("coerce", coerce),
    ("parse_variables", parse_response),
    ("debug_view", view_response),
    ("payload_to_json", payload_to_json),
    ("state_to_json", state_to_json),
    ("context_update", context_update),
];

/// Returns the policy of the platform without size limits. A context of 60 kB of JSON would exceed its limit of
/// platform bytes.
fn platform_without_limits() -> Policy {
    Policy { max_context_bytes: None, max_payload_bytes: None, ..Policy::platform().clone() }
}

fn check_text() -> Measured {
    let text = inputs::context().to_string();
    let policy = platform_without_limits();
    assert!(check_json(&text, &policy).ok());
    Box::new(move || drop(black_box(check_json(&text, &policy))))
}

fn check_and_write_value() -> Measured {
    let value = inputs::context();
    let policy = platform_without_limits();
    assert_eq!(
        CheckOptions::new(&policy).value_to_json(&value).unwrap().body,
        value.to_string().into_bytes()
    );
    Box::new(move || drop(black_box(CheckOptions::new(&policy).value_to_json(&value))))
}

fn check_names() -> Measured {
    let names = inputs::names();
    let policies = [Policy::injection(), Policy::state(), Policy::platform()];
    assert!(policies.iter().all(|policy| CheckOptions::new(policy).value(&names).ok()));
    Box::new(move || {
        for policy in policies {
            black_box(CheckOptions::new(policy).value(&names));
        }
    })
}

fn measure_text() -> Measured {
    let text = inputs::context().to_string();
    assert_eq!(measure_json(&text).unwrap().json_bytes, text.len() as u64);
    Box::new(move || drop(black_box(measure_json(&text))))
}

fn measure_value() -> Measured {
    let value = inputs::context();
    assert_eq!(measure(&value).unwrap().json_bytes, value.to_string().len() as u64);
    Box::new(move || drop(black_box(measure(&value))))
}

fn coerce() -> Measured {
    Box::new(|| {
        for mode in [Mode::Lossless, Mode::Compat] {
            for text in inputs::TEXTS {
                drop(black_box(coerce_text(text, mode, None)));
            }
        }
    })
}

fn parse_response() -> Measured {
    let response = inputs::response();
    // 125 of the 1,000 variables repeat a name.
    assert_eq!(parse_variables([&response], Mode::Lossless).unwrap().len(), 875);
    Box::new(move || drop(black_box(parse_variables([&response], Mode::Lossless))))
}

fn view_response() -> Measured {
    let variables = parse_variables([inputs::response()], Mode::Lossless).unwrap();
    Box::new(move || drop(black_box(serde_json::to_vec(&debug_view(variables.iter())))))
}

fn payload_to_json() -> Measured {
    let variables = inputs::variables(100).into_iter().enumerate().map(|(index, (key, value))| {
        let variable = InjectionVariable::new(key, value);
        let scope = ["session", "user", "global"].iter().cycle().nth(index % 3);
        let variable = variable.scope(*scope.unwrap());
        if index.is_multiple_of(4) { variable.expires_at("2030-01-31T12:00:00Z") } else { variable }
    });
    let payload = InjectionPayload::new("session-1", variables);
    let clock = ManualClock::at(Duration::from_secs(1_800_000_000));
    assert!(payload.to_json(&clock).unwrap().report.issues.is_empty());
    Box::new(move || drop(black_box(payload.to_json(&clock))))
}

fn state_to_json() -> Measured {
    let update = StateUpdate {
        session: inputs::variables(100),
        user: inputs::variables(20),
        next_step: Some("confirm".to_owned()),
    };
    assert!(update.to_json().unwrap().report.issues.is_empty());
    Box::new(move || drop(black_box(update.to_json())))
}

fn context_update() -> Measured {
    let manager = ContextManager::new(ContextOptions {
        clock: std::sync::Arc::new(ManualClock::at(Duration::from_secs(1_800_000_000))),
        instance_seed: Some(1),
        ..ContextOptions::default()
    });
    manager.update("session-1", &inputs::document()).unwrap();
    let mut turns = 0;
    Box::new(move || {
        turns += 1;
        let change = json!({"session": {"turns": turns, "last_intent": "order"}});
        let updated = manager.update("session-1", &change).unwrap();
        assert_eq!(
            updated.context.get("session").and_then(|session| session.get("turns")),
            Some(&Value::from(turns))
        );
        black_box(updated);
    })
}
