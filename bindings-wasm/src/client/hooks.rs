//! What the core calls of its host beside the network: functions that the client was given.

use cognigy_context::api::{AccessToken, ApiFamily};
use cognigy_context::client::{
    AuditRecord, AuditSink, BoxFuture, ItemKey, Journal, StateListener, StateUpdateResult,
    TokenSource, TokenSourceError,
};
use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::json::{json, read};
use crate::text::seconds;

#[wasm_bindgen]
extern "C" {
    /// The functions of one client.
    #[derive(Clone)]
    pub type Hooks;

    /// The value of an environment variable.
    #[wasm_bindgen(method)]
    pub(super) fn variable(this: &Hooks, name: &str) -> Option<String>;

    /// Resolves to JSON of a token for a family and its seconds to live: `[token, seconds | null]`.
    #[wasm_bindgen(method)]
    fn token(this: &Hooks, family: &str) -> Promise;

    /// Takes an audit record as JSON.
    #[wasm_bindgen(method, catch)]
    fn record(this: &Hooks, record: &str) -> Result<(), JsValue>;

    /// Hears of a state that was updated: the payload and what it came to as JSON.
    #[wasm_bindgen(method, catch, js_name = stateUpdated)]
    fn state_updated(
        this: &Hooks,
        dialog_id: &str,
        payload: &str,
        result: &str,
    ) -> Result<(), JsValue>;

    /// Where a bulk comes from, and what remembers it.
    #[derive(Clone)]
    pub type Source;

    /// Resolves to whether there was one more item, which has been offered then.
    #[wasm_bindgen(method)]
    pub(super) fn pull(this: &Source) -> Promise;

    #[wasm_bindgen(method, js_name = isConfirmed)]
    fn is_confirmed(this: &Source, line: &str) -> bool;

    #[wasm_bindgen(method, catch)]
    fn confirm(this: &Source, line: &str) -> Result<(), JsValue>;
}

/// `getToken` as a source of tokens.
pub(super) struct Tokens(pub(super) Hooks);

impl TokenSource for Tokens {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        let answer = self.0.token(family.as_str());
        Box::pin(async move {
            let answer = JsFuture::from(answer).await.map_err(|_| TokenSourceError)?;
            let answer = answer.as_string().ok_or(TokenSourceError)?;
            let (token, lifetime): (String, Option<f64>) =
                read(&answer).map_err(|_| TokenSourceError)?;
            let token = AccessToken::new(token).map_err(|_| TokenSourceError)?;
            Ok(match lifetime.and_then(seconds) {
                Some(lifetime) => token.expires_in(lifetime),
                None => token,
            })
        })
    }
}

/// `audit` as a place where records go.
pub(super) struct Records(pub(super) Hooks);

impl AuditSink for Records {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        self.0.record(&json(record)).map_err(threw)
    }
}

/// Those who hear of updated states.
pub(super) struct Listener(pub(super) Hooks);

impl StateListener for Listener {
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String> {
        let payload = String::from_utf8_lossy(payload);
        self.0.state_updated(dialog_id, &payload, &json(result)).map_err(threw)
    }
}

/// The journal of a bulk.
pub(super) struct Lines(pub(super) Source);

impl Journal for Lines {
    fn is_confirmed(&self, item: &ItemKey) -> bool {
        self.0.is_confirmed(&item.to_line())
    }

    fn confirm(&self, item: &ItemKey) -> Result<(), String> {
        self.0.confirm(&item.to_line()).map_err(threw)
    }
}

/// Whether text is a line of a journal.
#[must_use]
#[wasm_bindgen(js_name = isJournalLine)]
pub fn is_journal_line(text: &str) -> bool {
    ItemKey::of_line(text).is_some()
}

/// What it threw is not ours to tell: it may hold anything.
fn threw(_: JsValue) -> String {
    "the function of the host threw".to_owned()
}
