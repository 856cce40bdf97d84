//! Breaking things on purpose: which requests go wrong, and how.

mod apply;
mod effect;
mod queue;
mod read;
mod shape;
mod stream;

pub(crate) use apply::{DropConnection, dropped};
pub(crate) use effect::Effect;
pub(crate) use queue::{Fault, Faults};
