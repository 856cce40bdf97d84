//! The client's calls for sessions, first form: appended variables and context documents.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Client;
use super::flight::Flight;
use super::order::turn_of;
use super::transport::Transport;
use crate::api::{Operation, PreparedRequest, ResourceId, sessions_v1};
use crate::check::{CheckOptions, CheckedBody, parse_measured, read_json};
use crate::coerce::{IntegerRange, widest_integer};
use crate::context::document_policy;
use crate::error::Error;
use crate::merge::deep_merge;
use crate::policy::Policy;
use crate::report::ValidationError;

/// A context document as the server holds it.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// The document.
    pub document: Map<String, Value>,
    /// Its tag, where the server gives one.
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// What is to be merged into a session's document, checked.
#[derive(Clone)]
pub struct PreparedSync {
    subject: ResourceId,
    data: Map<String, Value>,
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedSync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedSync").field("keys", &self.data.len()).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Appends variables to a session, in the first form: `POST` with `{"variables": …}`. Names and
    /// values are held against the policy `injection`. Answers what the server says of it.
    ///
    /// # Errors
    /// [`Error::Validation`] when the variables or the id are refused, and nothing was sent.
    /// [`Error::Api`] when the call failed.
    pub async fn append_variables<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        variables: &V,
    ) -> Result<Map<String, Value>, Error> {
        let call = self.prepare_append(session_id, |check| check.value_to_json(variables))?;
        self.send_append(&call).await
    }

    /// The first half of [`append_variables`](Self::append_variables), for variables of any kind.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_append(
        &self,
        session_id: &str,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        let call =
            sessions_v1::append_variables(session_id, self.prefix(), Policy::injection(), write);
        let call = self.checked(Operation::AppendVariables, Some(session_id), call);
        self.told_when_refused(session_id, None, call)
    }

    /// The second half of [`append_variables`](Self::append_variables).
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn send_append(&self, call: &PreparedRequest) -> Result<Map<String, Value>, Error> {
        let result = self.run(call, sessions_v1::read_appended).await;
        self.tell_crm(call, None, result.is_ok());
        result
    }

    /// Reads a session's context document. A session without one has an empty one.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn get_document(&self, session_id: &str) -> Result<Document, Error> {
        let call = sessions_v1::get_document(session_id, self.prefix());
        let call = self.checked(Operation::GetDocument, Some(session_id), call)?;
        let (document, tag) = self.run(&call, sessions_v1::read_document).await?;
        Ok(Document { document, tag })
    }

    /// Merges data into a session's context document: reads it, merges (what is there, then the
    /// data), holds the whole against the policy `context`, and writes it back. Where the server
    /// tags its documents, what somebody else changed meanwhile is read and merged again. Syncs of
    /// one session follow each other within a process. Answers the merged document.
    ///
    /// # Errors
    /// [`Error::Validation`] when the data or the merged document is refused; nothing was written.
    /// [`Error::Api`] when the call failed.
    pub async fn sync_context<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        data: &V,
    ) -> Result<Map<String, Value>, Error> {
        let data =
            CheckOptions::new(&document_policy()).value_to_json(data).map(|written| written.body);
        let prepared = self.prepare_sync(session_id, data)?;
        self.send_sync(prepared).await
    }

    /// The first half of [`sync_context`](Self::sync_context), for data that was written as JSON
    /// under the rules of [`serialize_context`](crate::serialize_context), or refused by them.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_sync(
        &self,
        session_id: &str,
        data: Result<Vec<u8>, ValidationError>,
    ) -> Result<PreparedSync, ValidationError> {
        let call = sessions_v1::get_document(session_id, self.prefix());
        // What it is read into could only hold integers beyond 64 bits rounded.
        let data = data.and_then(read_json);
        let checked = match (call, data) {
            (Ok(_), Ok(data)) => Ok(PreparedSync {
                subject: ResourceId::new(session_id),
                data: match data {
                    Value::Object(data) => data,
                    _ => Map::new(),
                },
            }),
            (Err(id), Err(data)) => {
                let mut report = id.into_report();
                report.issues.extend(data.into_report().issues);
                Err(ValidationError::of(report.issues))
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        self.checked(Operation::SyncContext, Some(session_id), checked)
    }

    /// The second half of [`sync_context`](Self::sync_context).
    ///
    /// # Errors
    /// As [`sync_context`](Self::sync_context).
    pub async fn send_sync(&self, sync: PreparedSync) -> Result<Map<String, Value>, Error> {
        let subject = Some(sync.subject.clone());
        let mut flight = Flight::new(self, Operation::SyncContext, subject);
        flight.variables = sync.data.len() as u64;
        let result = self.merge_and_put(&mut flight, &sync).await;
        flight.land(result)
    }

    async fn merge_and_put(
        &self,
        flight: &mut Flight<'_, T>,
        sync: &PreparedSync,
    ) -> Result<Map<String, Value>, Error> {
        let ResourceId { id, hash } = &sync.subject;
        let read = sessions_v1::get_document(id, self.prefix())?;
        let turn = turn_of(self.base_url().as_str(), hash);
        let _turn = flight.until_deadline(turn.lock()).await?;
        let mut round = 0;
        loop {
            let answer = flight.send(&read).await?;
            let (remote, tag) = sessions_v1::read_document(&answer)?;
            // What is there would be written back rounded.
            if widest_integer(&String::from_utf8_lossy(&answer.body)) == IntegerRange::Beyond {
                read_json(&answer.body)?;
            }
            let mut merged = Value::Object(remote);
            deep_merge(&mut merged, Value::Object(sync.data.clone()));
            let Value::Object(merged) = merged else { return Ok(Map::new()) };
            let put = sessions_v1::put_document(id, self.prefix(), Policy::context(), &merged)?;
            // Without a tag what is there cannot be told from what was read, and a second write would
            // be as blind as the first.
            let is_tagged = tag.is_some();
            let put = put.if_match(tag);
            let answer = flight.send(&put).await?;
            let is_conflict = matches!(answer.status, 409 | 412);
            if is_conflict && is_tagged && round < self.inner.settings.max_conflict_rounds {
                flight.step_back(round).await?;
                round += 1;
                continue;
            }
            return match crate::api::error_from_response(Operation::SyncContext, &answer) {
                None => Ok(put.body.as_deref().and_then(parse_measured).unwrap_or(merged)),
                Some(mut failure) => {
                    if is_conflict {
                        failure.kind = crate::error::ApiErrorKind::Conflict;
                    }
                    Err(failure.into())
                }
            };
        }
    }
}
