//! Many injections: the items come from the host, one after the other, as they are wanted.

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
use super::calls::{append, context, injection};
use super::hooks::{Lines, Source};
use super::host::{HostCall, Network};
use crate::failure::{text_of, thrown};
use crate::json::json;
use crate::text::Fields;

type Outcomes = Pin<Box<dyn Stream<Item = BulkOutcome>>>;

/// A bulk that is under way.
#[wasm_bindgen]
pub struct BulkHandle {
    client: ClientHandle,
    /// The item that was offered last, until it is taken.
    offered: Rc<RefCell<Option<BulkItem>>>,
    /// None while somebody waits for the next, and after the last.
    outcomes: Rc<RefCell<Option<Outcomes>>>,
}

impl fmt::Debug for BulkHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkHandle").finish_non_exhaustive()
    }
}

/// What one item came to, as TypeScript is told.
#[derive(Serialize)]
struct Told {
    index: u64,
    session: Option<String>,
    done: Option<BulkStatus>,
    /// JSON of the error.
    error: Option<String>,
}

#[wasm_bindgen]
impl ClientHandle {
    /// Begins a bulk. `options` is JSON: `{concurrency?, journal}`, where `journal` says whether the
    /// source remembers what is confirmed.
    ///
    /// # Errors
    /// JSON of the error when an option cannot be one.
    pub fn bulk(&self, source: Source, options: &str) -> Result<BulkHandle, JsValue> {
        self.begin_bulk(source, options).map_err(thrown)
    }

    fn begin_bulk(&self, source: Source, options: &str) -> Result<BulkHandle, ConfigurationError> {
        let options = Fields::read(options)?;
        let concurrency = options.count("concurrency")?;
        let journal = Lines(source.clone());
        let options = BulkOptions {
            concurrency: concurrency.map(|count| usize::try_from(count).unwrap_or(usize::MAX)),
            journal: options.is_set("journal").then(|| Arc::new(journal) as Arc<dyn Journal>),
        };
        let offered = Rc::new(RefCell::new(None));
        let items = unfold((source, Rc::clone(&offered)), |(source, offered)| async move {
            // The source tells its own failures; here they are an end.
            let is_there = JsFuture::from(source.pull()).await.is_ok_and(|more| more.is_truthy());
            let item: BulkItem = offered.take().filter(|_| is_there)?;
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
    /// Offers the next item: `name` is the operation that it is for, `fields` as for
    /// [`ClientHandle::call`]. One whose data is refused is an item all the same.
    ///
    /// # Errors
    /// JSON of the error when it is no item.
    pub fn offer(&self, name: &str, fields: &str) -> Result<(), JsValue> {
        let item = self.item(name, fields).map_err(thrown)?;
        self.offered.replace(Some(item));
        Ok(())
    }

    fn item(&self, name: &str, fields: &str) -> Result<BulkItem, Error> {
        let mut fields = Fields::read(fields)?;
        let client = &self.client.0;
        let item = match name {
            "inject" => injection(client, &mut fields).map(BulkItem::Variables),
            "appendVariables" => append(client, &mut fields).map(BulkItem::Appended),
            "injectContext" => context(client, &mut fields).map(BulkItem::Context),
            _ => return Err(ConfigurationError::new("there is no such item").into()),
        };
        match item {
            Err(Error::Validation(error)) => Ok(BulkItem::Refused(error)),
            item => item,
        }
    }

    /// Waits for the next outcome. Resolves to JSON of it, or to nothing after the last; rejects
    /// with nothing when the caller gave up, and the bulk is over then.
    pub fn next(&self, network: Network) -> Promise {
        let outcomes = Rc::clone(&self.outcomes);
        let work = Box::pin(async move {
            let Some(mut stream) = outcomes.take() else { return Ok(JsValue::UNDEFINED) };
            let Some(outcome) = stream.next().await else { return Ok(JsValue::UNDEFINED) };
            outcomes.replace(Some(stream));
            let BulkOutcome { index, session, result } = outcome;
            let (done, error) = match result {
                Ok(done) => (Some(done), None),
                Err(error) => (None, Some(text_of(&error))),
            };
            Ok(JsValue::from(json(&Told { index, session, done, error })))
        });
        HostCall::promise(network, work)
    }
}
