//! The client's calls of the v1 API for sessions: appended variables and context documents.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Client;
use super::call_executor::InFlightCall;
use super::session_locks::lock_for;
use super::transport::Transport;
use crate::api::{Operation, PreparedRequest, ResourceId, error_from_response, sessions_v1};
use crate::check::{CheckOptions, CheckedBody, parse_measured, read_json};
use crate::coerce::{IntegerRange, widest_integer};
use crate::context::document_policy;
use crate::error::{ApiErrorKind, Error};
use crate::merge::deep_merge;
use crate::policy::Policy;
use crate::report::ValidationError;

/// A session's context document on the server.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// The document as a JSON object.
    pub document: Map<String, Value>,
    /// The `ETag` of the document, if the server sends one.
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// Data that is checked and ready to be merged into a session's context document.
#[derive(Clone)]
pub struct PreparedSync {
    session: ResourceId,
    data: Map<String, Value>,
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedSync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedSync").field("keys", &self.data.len()).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Appends variables to a session through the v1 API. `variables` is a map of names to values and is
    /// checked against the policy `injection`. Returns the response of the server.
    ///
    /// # Errors
    /// [`Error::Validation`] when the variables or the id are rejected; nothing was sent.
    /// [`Error::Api`] when the call failed.
    pub async fn append_variables<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        variables: &V,
    ) -> Result<Map<String, Value>, Error> {
        let request = self.prepare_append(session_id, |check| check.value_to_json(variables))?;
        self.send_append(&request).await
    }

    /// Prepares an [`append_variables`](Self::append_variables). `write` checks and writes the
    /// variables with the options that it receives.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_append(
        &self,
        session_id: &str,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        let prefix = self.session_id_prefix();
        let request = sessions_v1::append_variables(session_id, prefix, Policy::injection(), write);
        let request = self.record_rejection(Operation::AppendVariables, Some(session_id), request);
        self.notify_crm_on_rejection(session_id, None, request)
    }

    /// Sends a prepared [`append_variables`](Self::append_variables).
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn send_append(
        &self,
        request: &PreparedRequest,
    ) -> Result<Map<String, Value>, Error> {
        let result = self.execute(request, sessions_v1::read_appended).await;
        self.notify_crm(request, None, result.is_ok());
        result
    }

    /// Reads a session's context document. The document is empty if the server returns none.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn get_document(&self, session_id: &str) -> Result<Document, Error> {
        let request = sessions_v1::get_document(session_id, self.session_id_prefix());
        let request = self.record_rejection(Operation::GetDocument, Some(session_id), request)?;
        let (document, tag) = self.execute(&request, sessions_v1::read_document).await?;
        Ok(Document { document, tag })
    }

    /// Merges data into a session's context document. Reads the document, merges the data into it,
    /// checks the result against the policy `context`, and writes it back. Returns the merged document.
    ///
    /// If the server sends an `ETag`, a conflict with another writer leads to another read and merge, up
    /// to [`max_conflict_rounds`](super::Settings::max_conflict_rounds) times. Within a process the
    /// syncs of one session run one after another.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> Result<(), cognigy_context::Error> {
    /// use serde_json::json;
    ///
    /// let document = client.sync_context("session-1", &json!({"user": {"tier": "gold"}})).await?;
    /// assert_eq!(document["user"]["tier"], "gold");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`] when the data or the merged document is rejected; nothing was written. The path of an
    /// issue about the server's document ends with `…` before a key that is long, is not ASCII, or has unusual
    /// characters.
    /// [`Error::Api`] when the call failed.
    pub async fn sync_context<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        data: &V,
    ) -> Result<Map<String, Value>, Error> {
        let data = CheckOptions::new(&document_policy())
            .value_to_json(data)
            .map(|checked_body| checked_body.body);
        let prepared = self.prepare_sync(session_id, data)?;
        self.send_sync(prepared).await
    }

    /// Prepares a [`sync_context`](Self::sync_context) from data that was written as JSON, or rejected,
    /// under the rules of [`serialize_context`](crate::serialize_context). JSON text of another value than an
    /// object merges nothing.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_sync(
        &self,
        session_id: &str,
        data: Result<Vec<u8>, ValidationError>,
    ) -> Result<PreparedSync, ValidationError> {
        let request = sessions_v1::get_document(session_id, self.session_id_prefix());
        // `read_json` rejects integers beyond 64 bits, which a JSON value would round.
        let data = data.and_then(read_json);
        let prepared = match (request, data) {
            (Ok(_), Ok(data)) => Ok(PreparedSync {
                session: ResourceId::new(session_id),
                data: match data {
                    Value::Object(data) => data,
                    // A value that is not an object has no members to merge.
                    _ => Map::new(),
                },
            }),
            (Err(id_error), Err(data_error)) => {
                let mut report = id_error.into_report();
                report.issues.extend(data_error.into_report().issues);
                Err(ValidationError::of(report.issues))
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        self.record_rejection(Operation::SyncContext, Some(session_id), prepared)
    }

    /// Sends a prepared [`sync_context`](Self::sync_context).
    ///
    /// # Errors
    /// As [`sync_context`](Self::sync_context).
    pub async fn send_sync(&self, sync: PreparedSync) -> Result<Map<String, Value>, Error> {
        let session = Some(sync.session.clone());
        let mut call = InFlightCall::new(self, Operation::SyncContext, session);
        call.variables = sync.data.len() as u64;
        let result = self.merge_with_conflict_retry(&mut call, &sync).await;
        call.finish(result)
    }

    /// Reads, merges and replaces the document, and repeats this after each conflict. Returns the merged
    /// document.
    async fn merge_with_conflict_retry(
        &self,
        call: &mut InFlightCall<'_, T>,
        sync: &PreparedSync,
    ) -> Result<Map<String, Value>, Error> {
        let ResourceId { id, hash } = &sync.session;
        let get = sessions_v1::get_document(id, self.session_id_prefix())?;
        let session_lock = lock_for(self.base_url().as_str(), hash);
        let _guard = call.lock_before_deadline(session_lock.lock()).await?;
        let own_data = Value::Object(sync.data.clone());
        let mut round = 0;
        loop {
            let current = call.send(&get).await?;
            let (remote, _) = sessions_v1::read_document(&current)?;
            // Integers beyond 64 bits would be written back rounded; this rejects them.
            if widest_integer(&String::from_utf8_lossy(&current.body)) == IntegerRange::Beyond {
                read_json(&current.body)
                    .map_err(|error| call.with_plain_paths(error, &own_data))?;
            }
            let mut merged = Value::Object(remote);
            deep_merge(&mut merged, own_data.clone());
            let Value::Object(merged) = merged else { return Ok(Map::new()) };
            let prefix = self.session_id_prefix();
            // The document also contains keys of others.
            let put = sessions_v1::put_document(id, prefix, Policy::context(), &merged)
                .map_err(|error| call.with_plain_paths(error, &own_data))?;
            // Without an `ETag` another attempt could overwrite the changes of others unnoticed.
            let tag = call.tag_for_write(&current);
            let is_tagged = tag.is_some();
            let put = put.with_tag(tag);
            let response = call.send(&put).await?;
            let is_conflict = matches!(response.status, 409 | 412);
            if is_conflict && is_tagged && round < self.inner.settings.max_conflict_rounds {
                call.conflict_backoff(round).await?;
                round += 1;
                continue;
            }
            return match error_from_response(Operation::SyncContext, &response) {
                None => Ok(put.body.as_deref().and_then(parse_measured).unwrap_or(merged)),
                Some(mut error) => {
                    if is_conflict {
                        error.kind = ApiErrorKind::Conflict;
                    }
                    Err(error.into())
                }
            };
        }
    }
}
