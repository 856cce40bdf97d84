//! Injected faults: the requests that they match and their effects.

mod apply;
mod effect;
mod from_json;
mod queue;
mod scripted_body;
mod transmission;

pub(crate) use apply::{DropConnection, dropped_response};
pub(crate) use effect::Effect;
pub(crate) use queue::{Fault, Faults};
