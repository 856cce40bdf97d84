//! The client over the host's network: the core's own call loop, with `fetch` behind it.
//!
//! A call comes in two halves. The first is done before [`ClientHandle::call`] returns, while what
//! it is about stands in the input buffer: it checks and writes. The second is work that waits for
//! the network, and gives JSON text.

mod bulk;
mod calls;
mod fields;
mod hooks;
mod host;

use std::sync::Arc;

use cognigy_context::client::{ClientBuilder, DialogState, Document, InjectedVariables};
use cognigy_context::{Client, ConfigurationError, Policy};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

pub use bulk::BulkHandle;
pub use hooks::{Hooks, Source, is_journal_line};
pub use host::Network;

use crate::failure::thrown;
use crate::json::{json, read};
use crate::options;
use crate::text::{Fields, seconds};
use hooks::{Records, Tokens};
use host::{HostCall, HostClock, HostTransport};

/// A client that JavaScript holds on to.
#[derive(Debug)]
#[wasm_bindgen]
pub struct ClientHandle(Client<HostTransport>);

#[wasm_bindgen]
impl ClientHandle {
    /// A client from JSON: the options by their names in TypeScript, but for those that `hooks`
    /// stands for. What is not given is asked of the hooks' environment. `policy` is JSON of one:
    /// a preset's name or an object of fields. `background` is the network of work that belongs to no
    /// call.
    ///
    /// # Errors
    /// JSON of the error when the options cannot make a client.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        policy: &str,
        hooks: Hooks,
        background: Network,
    ) -> Result<Self, JsValue> {
        let transport = HostTransport::new(background);
        let client = builder(options, policy, &hooks).and_then(|made| made.build_with(transport));
        client.map(Self).map_err(thrown)
    }

    /// The same client with another deadline for its calls, in seconds.
    ///
    /// # Errors
    /// JSON of the error when that is no time.
    #[wasm_bindgen(js_name = withDeadline)]
    pub fn with_deadline(&self, deadline: f64) -> Result<Self, JsValue> {
        let deadline = seconds(deadline).filter(|time| !time.is_zero()).ok_or_else(|| {
            thrown(ConfigurationError::new("the deadline must be a number of seconds, more than 0"))
        })?;
        Ok(Self(self.0.with_deadline(deadline)))
    }

    /// Makes a call: `name` is that of the operation, `fields` JSON of what it is given beside the
    /// input buffer. Resolves to JSON of what it comes to; rejects with JSON of the error, or with
    /// nothing when its caller gave it up.
    ///
    /// # Errors
    /// JSON of the error when the data must not be sent.
    pub fn call(&self, network: Network, name: &str, fields: &str) -> Result<Promise, JsValue> {
        let fields = Fields::read(fields).map_err(thrown)?;
        let work = calls::begin(&self.0, name, fields).map_err(thrown)?;
        Ok(HostCall::promise(network, work))
    }

    /// How the injections went, as JSON.
    #[must_use]
    pub fn metrics(&self) -> String {
        json(&self.0.metrics())
    }

    /// How the updates of states went, as JSON.
    #[must_use]
    #[wasm_bindgen(js_name = stateMetrics)]
    pub fn state_metrics(&self) -> String {
        json(&self.0.state_metrics())
    }

    /// The newest audit records, oldest first, as JSON.
    #[must_use]
    #[wasm_bindgen(js_name = auditTrail)]
    pub fn audit_trail(&self, count: usize) -> String {
        json(&self.0.audit_trail(count))
    }

    /// Has the hooks hear of each state that is updated.
    #[wasm_bindgen(js_name = onStateUpdated)]
    pub fn on_state_updated(&self, hooks: Hooks) {
        self.0.on_state_updated(hooks::Listener(hooks));
    }
}

/// All that a client is to be: what is said, and the host's functions.
fn builder(
    options: &str,
    policy: &str,
    hooks: &Hooks,
) -> Result<ClientBuilder, ConfigurationError> {
    let policy = read(policy).ok().and_then(|policy| Policy::from_spec(&policy).ok());
    let policy = policy.ok_or_else(|| ConfigurationError::new("the policy is none"))?;
    let mut options = Fields::read(options)?;
    let mut builder =
        options::builder(&mut options)?.policy(policy.into_owned()).clock(Arc::new(HostClock));
    if options.is_set("getToken") {
        builder = builder.token_source(Tokens(hooks.clone()));
    }
    if options.is_set("audit") {
        builder = builder.audit(Records(hooks.clone()));
    }
    Ok(builder.or_from(|name| hooks.variable(name)))
}

/// What is read together with its tag.
#[derive(Serialize)]
struct Tagged<V> {
    value: V,
    tag: Option<String>,
}

type Object = serde_json::Map<String, serde_json::Value>;

impl From<InjectedVariables> for Tagged<Object> {
    fn from(InjectedVariables { variables, tag }: InjectedVariables) -> Self {
        Self { value: variables, tag }
    }
}

impl From<Document> for Tagged<Object> {
    fn from(Document { document, tag }: Document) -> Self {
        Self { value: document, tag }
    }
}

impl From<DialogState> for Tagged<Object> {
    fn from(DialogState { state, tag }: DialogState) -> Self {
        Self { value: state, tag }
    }
}
