//! The client's calls for bot sessions: their variables, and the snapshot for debugging.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::Client;
use super::flight::Flight;
use super::metrics::RetrievalMetrics;
use super::transport::Transport;
use crate::api::botsessions::{self, VariablesQuery};
use crate::api::{Operation, PreparedRequest, invalid_response};
use crate::coerce::Mode;
use crate::error::Error;
use crate::report::ValidationError;
use crate::variables::{Variables, parse_variables};

/// How many records a snapshot shows.
const TRAIL: usize = 5;

/// What somebody who debugs a flow wants to see of a session.
#[derive(Clone, PartialEq, Serialize)]
pub struct DebugSnapshot {
    /// The session.
    pub session_id: String,
    /// `{name: {value, scope, type, is_system}}`.
    pub variables: Value,
    /// How this client's reads went so far.
    pub metrics: RetrievalMetrics,
}

/// Shows no data and no id.
impl std::fmt::Debug for DebugSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DebugSnapshot").field("metrics", &self.metrics).finish_non_exhaustive()
    }
}

/// Which variables of which session are asked for.
#[derive(Clone, PartialEq)]
pub struct PreparedRead {
    operation: Operation,
    session_id: String,
    name: Option<String>,
    scope: Option<String>,
    include_system: bool,
    /// The call for the first page.
    first: PreparedRequest,
}

/// Shows no id.
impl std::fmt::Debug for PreparedRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedRead").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Reads the variables of a session, over all pages, coerced without loss and resolved over
    /// their scopes.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed, [`Error::Validation`] when the id can be none.
    pub async fn get_variables(
        &self,
        session_id: &str,
        query: &VariablesQuery<'_>,
    ) -> Result<Variables, Error> {
        let read = self.prepare_read(Operation::GetVariables, session_id, query)?;
        let pages = self.read_pages(read).await?;
        parse_variables(&pages, Mode::Lossless)
    }

    /// The first half of a read: checks the id. `operation` is what it is told as.
    ///
    /// # Errors
    /// [`ValidationError`] when the id can be none.
    pub fn prepare_read(
        &self,
        operation: Operation,
        session_id: &str,
        query: &VariablesQuery<'_>,
    ) -> Result<PreparedRead, ValidationError> {
        let first = botsessions::get_variables(session_id, self.prefix(), query, None);
        let first = self.checked(operation, Some(session_id), first)?;
        Ok(PreparedRead {
            operation,
            session_id: session_id.to_owned(),
            name: query.name.map(str::to_owned),
            scope: query.scope.map(str::to_owned),
            include_system: query.include_system,
            first,
        })
    }

    /// The second half of a read: all pages as they were answered, for
    /// [`parse_variables`](crate::variables::parse_variables_with) to read. Each is known to be one.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn read_pages(&self, read: PreparedRead) -> Result<Vec<Vec<u8>>, Error> {
        let query = VariablesQuery {
            name: read.name.as_deref(),
            scope: read.scope.as_deref(),
            include_system: read.include_system,
        };
        let mut flight = Flight::of(self, &read.first);
        flight.operation = read.operation;
        let mut pages = Vec::new();
        let result = async {
            let mut call = read.first.clone();
            let mut followed = HashSet::new();
            loop {
                let answer = flight.send(&call).await?;
                let page = botsessions::read_page(&answer)?;
                flight.variables += page.variables;
                let Some(cursor) = page.next_cursor else {
                    pages.push(answer.body);
                    return Ok(());
                };
                if followed.contains(&cursor) {
                    let detail = "the page that comes next has been read before";
                    return Err(invalid_response(read.operation, &answer, detail));
                }
                pages.push(answer.body);
                call = botsessions::get_variables(
                    &read.session_id,
                    self.prefix(),
                    &query,
                    Some(&cursor),
                )?;
                followed.insert(cursor);
            }
        }
        .await;
        flight.land(result).map(|()| pages)
    }

    /// Reads the variables of a session as somebody who debugs wants to see them, and tells the
    /// webhook for snapshots of it, where one is configured.
    ///
    /// # Errors
    /// As [`get_variables`](Self::get_variables).
    pub async fn debug_snapshot(
        &self,
        session_id: &str,
        query: &VariablesQuery<'_>,
    ) -> Result<DebugSnapshot, Error> {
        let read = self.prepare_read(Operation::DebugSnapshot, session_id, query)?;
        self.send_snapshot(read).await
    }

    /// The second half of [`debug_snapshot`](Self::debug_snapshot).
    ///
    /// # Errors
    /// As [`get_variables`](Self::get_variables).
    pub async fn send_snapshot(&self, read: PreparedRead) -> Result<DebugSnapshot, Error> {
        let session_id = read.session_id.clone();
        let pages = self.read_pages(read).await?;
        let variables = parse_variables(&pages, Mode::Lossless)?;
        let view = serde_json::to_value(variables.debug_view()).unwrap_or_default();
        if let Some(target) = &self.inner.snapshot_webhook {
            let notice = json!({
                "event": "variable_snapshot",
                "session_id": session_id,
                "timestamp": self.inner.observer.clock.now().as_secs_f64(),
                "data": view,
            });
            self.inner.notify(target, &notice);
        }
        Ok(DebugSnapshot { session_id, variables: view, metrics: self.retrieval_metrics() })
    }

    /// How this client's reads of variables went.
    #[must_use]
    pub fn retrieval_metrics(&self) -> RetrievalMetrics {
        let (avg_latency, total_retrieved) = self.inner.observer.meter.reads();
        let is_read = |record: &super::AuditRecord| {
            [Operation::GetVariables, Operation::DebugSnapshot]
                .iter()
                .any(|operation| operation.as_str() == record.operation)
        };
        let audit_trail = self.inner.observer.ring.last(TRAIL, is_read);
        RetrievalMetrics { avg_latency, total_retrieved, audit_trail }
    }
}
