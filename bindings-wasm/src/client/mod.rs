//! The client over the host's network: the core's call loop on top of `fetch`.
//!
//! [`ClientHandle::call`] checks and writes the request before it returns, while the data is in the
//! input buffer. The promise that it returns sends the request and resolves to JSON text.

mod bulk;
mod calls;
mod hooks;
mod host;
mod journal;
mod log;

use std::sync::Arc;

use cognigy_context::client::{ClientBuilder, DialogState, Document, InjectedVariables};
use cognigy_context::{Client, ConfigurationError, Policy};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

pub use bulk::BulkHandle;
pub use hooks::{Hooks, Source};
pub use host::Network;
pub use journal::{JournalReader, journal_header, journal_start};

use crate::args::{Args, duration_from_seconds};
use crate::client_options;
use crate::errors::to_js_error;
use crate::json::{from_json, to_json};
use hooks::{AuditHook, TokenHook};
use host::{HostCall, HostClock, HostTransport};

/// The handle of a client in JavaScript.
#[derive(Debug)]
#[wasm_bindgen]
pub struct ClientHandle(Client<HostTransport>);

#[wasm_bindgen]
impl ClientHandle {
    /// Creates a client. `options` is JSON with the names of TypeScript. `hooks` contains the
    /// callbacks, and returns environment variables for missing options. `policy` is JSON: the name
    /// of a preset or an object of fields. `background` is the network for tasks outside of calls.
    ///
    /// # Errors
    /// JSON of the error for invalid options.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        policy: &str,
        hooks: Hooks,
        background: Network,
    ) -> Result<Self, JsValue> {
        log::install(&hooks);
        let transport = HostTransport::new(background);
        let client =
            builder(options, policy, &hooks).and_then(|builder| builder.build_with(transport));
        client.map(Self).map_err(to_js_error)
    }

    /// Returns the same client with another deadline for its calls, in seconds.
    ///
    /// # Errors
    /// JSON of the error when the deadline is not a finite number above 0.
    #[wasm_bindgen(js_name = withDeadline)]
    pub fn with_deadline(&self, deadline: f64) -> Result<Self, JsValue> {
        let deadline =
            duration_from_seconds(deadline).filter(|time| !time.is_zero()).ok_or_else(|| {
                to_js_error(ConfigurationError::of_field(
                    "deadline",
                    "`deadline` must be more than 0 s",
                ))
            })?;
        Ok(Self(self.0.with_deadline(deadline)))
    }

    /// Calls an operation. `args` is JSON with the arguments that are not in the input buffer. The
    /// promise resolves to JSON of the result. It rejects with JSON of the error, or with
    /// `undefined` when the caller aborted.
    ///
    /// # Errors
    /// JSON of the error for invalid data, an invalid argument or an unknown operation.
    pub fn call(&self, network: Network, name: &str, args: &str) -> Result<Promise, JsValue> {
        let args = Args::parse(args).map_err(to_js_error)?;
        let call = calls::prepare(&self.0, name, args).map_err(to_js_error)?;
        Ok(HostCall::promise(network, call))
    }

    /// Returns the metrics of the injections as JSON.
    #[must_use]
    pub fn metrics(&self) -> String {
        to_json(&self.0.metrics())
    }

    /// Returns the metrics of the state updates as JSON.
    #[must_use]
    #[wasm_bindgen(js_name = stateMetrics)]
    pub fn state_metrics(&self) -> String {
        to_json(&self.0.state_metrics())
    }

    /// Returns the newest `count` audit records, oldest first, as JSON.
    #[must_use]
    #[wasm_bindgen(js_name = auditTrail)]
    pub fn audit_trail(&self, count: usize) -> String {
        to_json(&self.0.audit_trail(count))
    }

    /// Registers hooks that are called after each successful update of a dialog's state.
    #[wasm_bindgen(js_name = onStateUpdated)]
    pub fn on_state_updated(&self, hooks: Hooks) {
        self.0.on_state_updated(hooks::StateHook(hooks));
    }
}

/// Creates the builder of a client from its options and hooks.
fn builder(
    options: &str,
    policy: &str,
    hooks: &Hooks,
) -> Result<ClientBuilder, ConfigurationError> {
    let policy = from_json(policy).unwrap_or_default();
    let policy = Policy::from_spec(&policy)
        .map_err(|error| ConfigurationError::of_field("policy", error.to_string()))?;
    let mut options = Args::parse(options)?;
    let mut builder = client_options::builder(&mut options)?
        .policy(policy.into_owned())
        .clock(Arc::new(HostClock));
    if options.is_set("getToken") {
        builder = builder.token_source(TokenHook(hooks.clone()));
    }
    if options.is_set("audit") {
        builder = builder.audit(AuditHook(hooks.clone()));
    }
    Ok(builder.or_from(|name| hooks.variable(name)))
}

/// A value with its ETag.
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
