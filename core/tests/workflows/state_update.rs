//! State updates that are split into parts, with random variables.

use cognigy_context::{Code, Policy, StateUpdate};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::seed;

fn variables() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("[a-zü]{1,6}", "[a-z\"ü]{0,60}", 0..12)
        .prop_map(|map| map.into_iter().map(|(name, text)| (name, Value::from(text))).collect())
}

proptest! {
    #![proptest_config(seed::cases(3_000))]

    #[test]
    fn split_parts_fit_the_limit_and_add_up_to_the_update(
        session in variables(),
        user in variables(),
        next_step in proptest::option::of("[a-z]{1,30}"),
        // In bytes.
        limit in 30u64..400,
    ) {
        let policy = Policy { max_payload_bytes: Some(limit), ..Policy::state().clone() };
        let update = StateUpdate { session, user, next_step };
        match update.split_with_policy(&policy) {
            Ok(parts) => {
                let mut combined = StateUpdate::default();
                for (index, part) in parts.iter().enumerate() {
                    let body = part.to_json_with_policy(&policy).unwrap().body;
                    prop_assert!(body.len() as u64 <= limit);
                    prop_assert!(part.next_step.is_none() || index + 1 == parts.len());
                    combined.session.extend(part.session.clone());
                    combined.user.extend(part.user.clone());
                    combined.next_step = combined.next_step.or_else(|| part.next_step.clone());
                }
                prop_assert_eq!(&combined, &update);
                if update.to_json_with_policy(&policy).is_ok() {
                    prop_assert_eq!(parts.len(), 1);
                }
            }
            Err(error) => {
                for issue in &error.report().issues {
                    match issue.code {
                        Code::EmptyUpdate => prop_assert_eq!(&update, &StateUpdate::default()),
                        Code::PayloadTooLarge => {
                            prop_assert!(issue.actual.unwrap() > limit);
                            prop_assert!(issue.path.matches('/').count() == 2 || issue.path == "/transition");
                        }
                        other => prop_assert!(false, "{other}"),
                    }
                }
            }
        }
    }
}
