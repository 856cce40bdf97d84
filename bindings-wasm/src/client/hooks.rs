//! The callbacks of a client: functions of the host that the core calls.

use cognigy_context::api::{AccessToken, ApiFamily};
use cognigy_context::client::{
    AuditRecord, AuditSink, BoxFuture, ItemKey, Journal, StateListener, StateUpdateResult,
    TokenSource, TokenSourceError,
};
use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::args::duration_from_seconds;
use crate::json::{from_json, to_json};

#[wasm_bindgen]
extern "C" {
    /// The callbacks of one client.
    #[derive(Clone)]
    pub type Hooks;

    /// Returns the value of an environment variable, or `None` when it is not set.
    #[wasm_bindgen(method)]
    pub(super) fn variable(this: &Hooks, name: &str) -> Option<String>;

    /// Resolves to JSON of a token for an API family, with its lifetime: `[token, seconds | null]`.
    #[wasm_bindgen(method)]
    fn token(this: &Hooks, family: &str) -> Promise;

    /// Receives an audit record as JSON.
    #[wasm_bindgen(method, catch)]
    fn record(this: &Hooks, record: &str) -> Result<(), JsValue>;

    /// Receives a successful update of a dialog's state: the payload and the result as JSON.
    #[wasm_bindgen(method, catch, js_name = stateUpdated)]
    fn state_updated(
        this: &Hooks,
        dialog_id: &str,
        payload: &str,
        result: &str,
    ) -> Result<(), JsValue>;

    /// Receives a warning that the core logs. Does not throw.
    #[wasm_bindgen(method)]
    pub(super) fn warning(this: &Hooks, message: &str);

    /// The items of a bulk injection and its journal.
    #[derive(Clone)]
    pub type Source;

    /// Offers the next item to the `BulkHandle`. Resolves to whether there was one.
    #[wasm_bindgen(method)]
    pub(super) fn pull(this: &Source) -> Promise;

    #[wasm_bindgen(method, js_name = isConfirmed)]
    fn is_confirmed(this: &Source, line: &str) -> bool;

    #[wasm_bindgen(method, catch)]
    fn confirm(this: &Source, line: &str) -> Result<(), JsValue>;
}

/// The callback `getToken` as a source of tokens.
pub(super) struct TokenHook(pub(super) Hooks);

impl TokenSource for TokenHook {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        let promise = self.0.token(family.as_str());
        Box::pin(async move {
            let json = JsFuture::from(promise).await.map_err(|_| TokenSourceError)?;
            let json = json.as_string().ok_or(TokenSourceError)?;
            let (token, lifetime): (String, Option<f64>) =
                from_json(&json).map_err(|_| TokenSourceError)?;
            let token = AccessToken::new(token).map_err(|_| TokenSourceError)?;
            Ok(match lifetime.and_then(duration_from_seconds) {
                Some(lifetime) => token.expires_in(lifetime),
                None => token,
            })
        })
    }
}

/// The callback `audit` as a sink of audit records.
pub(super) struct AuditHook(pub(super) Hooks);

impl AuditSink for AuditHook {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        self.0.record(&to_json(record)).map_err(hook_failed)
    }
}

/// The listeners of updated states.
pub(super) struct StateHook(pub(super) Hooks);

impl StateListener for StateHook {
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String> {
        let payload = String::from_utf8_lossy(payload);
        self.0.state_updated(dialog_id, &payload, &to_json(result)).map_err(hook_failed)
    }
}

/// The journal of a bulk injection.
pub(super) struct JsJournal(pub(super) Source);

impl Journal for JsJournal {
    fn is_confirmed(&self, item: &ItemKey) -> bool {
        self.0.is_confirmed(&item.to_line())
    }

    fn confirm(&self, item: &ItemKey) -> Result<(), String> {
        self.0.confirm(&item.to_line()).map_err(hook_failed)
    }
}

/// Returns a message without the thrown value, which may contain data.
fn hook_failed(_: JsValue) -> String {
    "the callback threw an error".to_owned()
}
