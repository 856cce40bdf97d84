//! Breaking things on purpose: which requests go wrong, and how.

mod apply;
mod effect;
mod from_json;
mod queue;
mod scripted_body;
mod transmission;

pub(crate) use apply::{DropConnection, dropped};
pub(crate) use effect::Effect;
pub(crate) use queue::{Fault, Faults};
