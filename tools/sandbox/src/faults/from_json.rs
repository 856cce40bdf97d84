//! Reads faults from JSON.

use super::effect::{Effect, ReplacementBody, Transmission};
use super::queue::{Fault, FaultProbability};
use crate::fields::Fields;
use crate::problem::Problem;
use serde_json::{Map, Value};
use std::time::Duration;

/// The maximum of `latencyMs` and `trickleMs`: ten minutes.
const MAX_WAIT_MS: u64 = 600_000;
/// The minimum of `bodyBytes`: the two quotes of a JSON string.
const MIN_BODY_BYTES: u64 = 2;
/// The maximum of `bodyBytes`: 64 MiB.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;

impl Fault {
    /// Reads a fault. Rejects unknown fields, contradictory fields and a fault without an effect.
    pub(crate) fn from_json(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::of(body);
        fields.reject_unknown(&[
            "latencyMs",
            "status",
            "retryAfter",
            "body",
            "bodyBytes",
            "contentType",
            "drop",
            "cut",
            "trickleMs",
            "gzip",
            "after",
            "applied",
            "times",
            "skip",
            "method",
            "pathPrefix",
            "chance",
            "seed",
        ]);
        let fault = Self {
            effect: read_effect(&mut fields),
            times: fields.optional_count("times", 1, u64::MAX),
            skip: fields.optional_count("skip", 0, u64::MAX).unwrap_or(0),
            method: fields.optional_string("method"),
            path_prefix: fields.optional_string("pathPrefix").unwrap_or_default(),
            chance: {
                let seed = fields.optional_count("seed", 0, u64::MAX).unwrap_or(0);
                fields
                    .optional_probability("chance")
                    .map(|probability| FaultProbability::new(probability, seed))
            },
        };
        fields.finish()?;
        if !fault.effect.has_effect() {
            return Err(Problem::invalid(
                "A fault needs latencyMs, status, body, bodyBytes, drop, cut, trickleMs or gzip.",
                Vec::new(),
            ));
        }
        Ok(fault)
    }
}

/// Reads the effect of a fault. Adds contradictory fields to the errors of `fields`.
fn read_effect(fields: &mut Fields) -> Effect {
    let read_duration = |fields: &mut Fields, name| {
        fields.optional_count(name, 0, MAX_WAIT_MS).map(Duration::from_millis)
    };
    let text = fields.optional_string("body");
    let filler = fields.optional_count("bodyBytes", MIN_BODY_BYTES, MAX_BODY_BYTES);
    if text.is_some() && filler.is_some() {
        fields.reject("bodyBytes", "must not be combined with body");
    }
    let filler = filler.and_then(|bytes| usize::try_from(bytes).ok());
    let effect = Effect {
        latency: read_duration(fields, "latencyMs"),
        status: fields
            .optional_count("status", 200, 599)
            .and_then(|status| u16::try_from(status).ok()),
        retry_after: fields.optional_header("retryAfter"),
        body: text
            .map(|text| ReplacementBody::Text(text.into()))
            .or(filler.map(ReplacementBody::Filler)),
        content_type: fields.optional_header("contentType"),
        drops_connection: fields.optional_boolean("drop").unwrap_or(false),
        applies_after: [fields.optional_boolean("after"), fields.optional_boolean("applied")]
            .contains(&Some(true)),
        transmission: Transmission {
            gzip: fields.optional_boolean("gzip").unwrap_or(false),
            cut: fields.optional_boolean("cut").unwrap_or(false),
            trickle: read_duration(fields, "trickleMs"),
        },
    };
    let has_response = effect.status.is_some() || effect.body.is_some();
    if effect.drops_connection && (has_response || effect.transmission != Transmission::default()) {
        fields.reject(
            "drop",
            "must not be combined with status, body, bodyBytes, cut, trickleMs or gzip",
        );
    }
    if effect.transmission.cut && effect.transmission.trickle.is_some() {
        fields.reject("cut", "must not be combined with trickleMs");
    }
    effect
}
