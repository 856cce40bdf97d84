//! Bulk injections. The items come from the host, one at a time.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use cognigy_context::client::{BulkItem, BulkOptions, BulkOutcome, BulkStatus, Journal};
use cognigy_context::{ConfigurationError, Error};
use futures_util::stream::{Stream, StreamExt, unfold};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use super::ClientHandle;
use super::calls::{prepare_append, prepare_context, prepare_injection};
use super::hooks::{JsJournal, Source};
use super::host::{HostCall, Network};
use crate::args::Args;
use crate::errors::{error_json, to_js_error};
use crate::json::to_json;

type Outcomes = Pin<Box<dyn Stream<Item = BulkOutcome>>>;

/// The handle of a running bulk injection.
#[wasm_bindgen]
pub struct BulkHandle {
    client: ClientHandle,
    /// The offered item, until the bulk injection takes it.
    offered: Rc<RefCell<Option<BulkItem>>>,
    /// `None` while a caller waits for the next outcome, after the last one, and after an abort.
    outcomes: Rc<RefCell<Option<Outcomes>>>,
}

impl fmt::Debug for BulkHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkHandle").finish_non_exhaustive()
    }
}

/// The outcome of one item, for TypeScript.
#[derive(Serialize)]
struct OutcomeJson {
    index: u64,
    session: Option<String>,
    /// `None` for a failed item.
    done: Option<BulkStatus>,
    /// The error of a failed item, as JSON.
    error: Option<String>,
}

#[wasm_bindgen]
impl ClientHandle {
    /// Starts a bulk injection. `options` is JSON: `{concurrency?, journal}`, where `journal` is whether
    /// the source has a journal.
    ///
    /// # Errors
    /// JSON of the error for an invalid option.
    pub fn bulk(&self, source: Source, options: &str) -> Result<BulkHandle, JsValue> {
        self.start_bulk(source, options).map_err(to_js_error)
    }

    fn start_bulk(&self, source: Source, options: &str) -> Result<BulkHandle, ConfigurationError> {
        let options = Args::parse(options)?;
        let concurrency = options.count("concurrency")?;
        let journal = JsJournal(source.clone());
        let options = BulkOptions {
            concurrency: concurrency.map(|count| usize::try_from(count).unwrap_or(usize::MAX)),
            journal: options.is_set("journal").then(|| Arc::new(journal) as Arc<dyn Journal>),
        };
        let offered = Rc::new(RefCell::new(None));
        let items = unfold((source, Rc::clone(&offered)), |(source, offered)| async move {
            // After an error of its own, the source resolves to `false`, which ends the bulk injection.
            let has_item = JsFuture::from(source.pull()).await.is_ok_and(|value| value.is_truthy());
            let item: BulkItem = offered.take().filter(|_| has_item)?;
            Some((item, (source, offered)))
        });
        let outcomes: Outcomes = Box::pin(self.0.inject_many(items, options));
        Ok(BulkHandle {
            client: ClientHandle(self.0.clone()),
            offered,
            outcomes: Rc::new(RefCell::new(Some(outcomes))),
        })
    }
}

#[wasm_bindgen]
impl BulkHandle {
    /// Offers the next item: the operation and its arguments, as for [`ClientHandle::call`]. An
    /// item with invalid data becomes a failed outcome.
    ///
    /// # Errors
    /// JSON of the error for an unknown operation, or when a string other than an id has a lone
    /// surrogate.
    pub fn offer(&self, name: &str, args: &str) -> Result<(), JsValue> {
        let item = self.item(name, args).map_err(to_js_error)?;
        self.offered.replace(Some(item));
        Ok(())
    }

    fn item(&self, name: &str, args: &str) -> Result<BulkItem, Error> {
        let mut args = Args::parse(args)?;
        let client = &self.client.0;
        let item = match name {
            "inject" => prepare_injection(client, &mut args).map(BulkItem::Variables),
            "appendVariables" => prepare_append(client, &mut args).map(BulkItem::Appended),
            "injectContext" => prepare_context(client, &mut args).map(BulkItem::Context),
            _ => return Err(ConfigurationError::new("unknown operation of a bulk item").into()),
        };
        match item {
            Err(Error::Validation(error)) => Ok(BulkItem::Refused(error)),
            item => item,
        }
    }

    /// Returns a promise of the next outcome. It resolves to the outcome's JSON, or to `undefined` after the
    /// last one. It rejects with `undefined` when the caller aborted, which ends the bulk injection.
    pub fn next(&self, network: Network) -> Promise {
        let outcomes = Rc::clone(&self.outcomes);
        let call = Box::pin(async move {
            let Some(mut stream) = outcomes.take() else { return Ok(JsValue::UNDEFINED) };
            let Some(outcome) = stream.next().await else { return Ok(JsValue::UNDEFINED) };
            outcomes.replace(Some(stream));
            let BulkOutcome { index, session, result } = outcome;
            let (done, error) = match result {
                Ok(done) => (Some(done), None),
                Err(error) => (None, Some(error_json(&error))),
            };
            Ok(JsValue::from(to_json(&OutcomeJson { index, session, done, error })))
        });
        HostCall::promise(network, call)
    }
}
