//! The client's calls for bot sessions: reading variables, and snapshots for debugging.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::Client;
use super::call_executor::InFlightCall;
use super::metrics::RetrievalMetrics;
use super::transport::Transport;
use crate::api::botsessions::{self, VariablesQuery};
use crate::api::{Operation, PreparedRequest, invalid_response};
use crate::coerce::Mode;
use crate::display_text::grouped;
use crate::error::Error;
use crate::report::ValidationError;
use crate::variables::{Variables, parse_variables};

/// The maximum number of audit records in [`RetrievalMetrics`].
const MAX_AUDIT_RECORDS: usize = 5;

/// The maximum number of pages of one read. A server that names ever new cursors is stopped here. Usual pages
/// hold 100 variables or more, and a session holds far fewer than 100,000.
const MAX_PAGES: usize = 1_000;

/// The maximum size of all pages of one read together, in bytes: four times the default limit of one response. A
/// larger [`max_body`](super::Settings::max_body) raises it, so that one page of that size can be read.
const MAX_TOTAL_BYTES: usize = 64 << 20;

/// A snapshot of a session, for debugging a flow.
#[derive(Clone, PartialEq, Serialize)]
pub struct DebugSnapshot {
    /// The id of the session.
    pub session_id: String,
    /// The [debug view](crate::debug_view) of the variables: `{name: {value, scope, type, is_system}}`.
    pub variables: Value,
    /// The metrics of this client's reads.
    pub metrics: RetrievalMetrics,
}

/// Shows no data and no id.
impl std::fmt::Debug for DebugSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DebugSnapshot").field("metrics", &self.metrics).finish_non_exhaustive()
    }
}

/// A read of variables that is checked and ready to be sent.
#[derive(Clone, PartialEq)]
pub struct PreparedRead {
    operation: Operation,
    session_id: String,
    name: Option<String>,
    scope: Option<String>,
    include_system: bool,
    /// The request for the first page.
    first_page: PreparedRequest,
}

/// Shows no id.
impl std::fmt::Debug for PreparedRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedRead").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Reads the variables of a session from all pages. Text is coerced in the mode
    /// [`Lossless`](Mode::Lossless). Of several variables with the same name, the variable whose scope has
    /// the highest [precedence](crate::scope::precedence) is resolved.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> Result<(), cognigy_context::Error> {
    /// use cognigy_context::api::botsessions::VariablesQuery;
    ///
    /// let variables = client.get_variables("session-1", &VariablesQuery::default()).await?;
    /// for variable in variables.iter() {
    ///     println!("{} ({}): {}", variable.name, variable.scope, variable.value);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn get_variables(
        &self,
        session_id: &str,
        query: &VariablesQuery<'_>,
    ) -> Result<Variables, Error> {
        let read = self.prepare_read(Operation::GetVariables, session_id, query)?;
        let pages = self.read_pages(read).await?;
        parse_variables(&pages, Mode::Lossless)
    }

    /// Prepares a read of variables. `operation` names the call in errors and audit records:
    /// [`GetVariables`](Operation::GetVariables) or [`DebugSnapshot`](Operation::DebugSnapshot).
    ///
    /// # Errors
    /// [`ValidationError`] when the id is invalid.
    pub fn prepare_read(
        &self,
        operation: Operation,
        session_id: &str,
        query: &VariablesQuery<'_>,
    ) -> Result<PreparedRead, ValidationError> {
        let prefix = self.session_id_prefix();
        let first_page = botsessions::get_variables(session_id, prefix, query, None);
        let first_page = self.record_rejection(operation, Some(session_id), first_page)?;
        Ok(PreparedRead {
            operation,
            session_id: session_id.to_owned(),
            name: query.name.map(str::to_owned),
            scope: query.scope.map(str::to_owned),
            include_system: query.include_system,
            first_page,
        })
    }

    /// Sends a prepared read. Returns the bodies of all pages, each a valid page, for
    /// [`parse_variables`].
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed, when the server returned the same page cursor twice, and when there
    /// are more than 1,000 pages, or more than 64 MiB in all pages together
    /// ([`max_body`](super::Settings::max_body) if it is larger).
    pub async fn read_pages(&self, read: PreparedRead) -> Result<Vec<Vec<u8>>, Error> {
        let query = VariablesQuery {
            name: read.name.as_deref(),
            scope: read.scope.as_deref(),
            include_system: read.include_system,
        };
        let mut call = InFlightCall::for_request(self, &read.first_page);
        call.operation = read.operation;
        let mut pages = Vec::new();
        let result = async {
            let mut request = read.first_page.clone();
            let mut cursors = HashSet::new();
            let max_bytes = MAX_TOTAL_BYTES.max(self.inner.settings.max_body);
            let mut total_bytes = 0_usize;
            loop {
                let response = call.send(&request).await?;
                let page = botsessions::read_page(&response)?;
                call.variables += page.variables;
                total_bytes = total_bytes.saturating_add(response.body.len());
                if total_bytes > max_bytes {
                    let limit = grouped(max_bytes as u64);
                    let detail =
                        format!("the pages of variables are larger than {limit} bytes together");
                    return Err(invalid_response(read.operation, &response, detail));
                }
                let Some(cursor) = page.next_cursor else {
                    pages.push(response.body);
                    return Ok(());
                };
                if cursors.contains(&cursor) {
                    let detail = "the server returned the same page cursor twice";
                    return Err(invalid_response(read.operation, &response, detail));
                }
                if pages.len() + 1 == MAX_PAGES {
                    let limit = grouped(MAX_PAGES as u64);
                    let detail = format!("there are more than {limit} pages of variables");
                    return Err(invalid_response(read.operation, &response, detail));
                }
                pages.push(response.body);
                request = botsessions::get_variables(
                    &read.session_id,
                    self.session_id_prefix(),
                    &query,
                    Some(&cursor),
                )?;
                cursors.insert(cursor);
            }
        }
        .await;
        call.finish(result).map(|()| pages)
    }

    /// Reads the variables of a session for debugging, and sends the snapshot to the snapshot webhook, if
    /// one is configured.
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

    /// Sends a prepared [`debug_snapshot`](Self::debug_snapshot).
    ///
    /// # Errors
    /// As [`get_variables`](Self::get_variables).
    pub async fn send_snapshot(&self, read: PreparedRead) -> Result<DebugSnapshot, Error> {
        let session_id = read.session_id.clone();
        let pages = self.read_pages(read).await?;
        let variables = parse_variables(&pages, Mode::Lossless)?;
        let view = serde_json::to_value(variables.debug_view()).unwrap_or_default();
        if let Some(endpoint) = &self.inner.snapshot_webhook {
            let event = json!({
                "event": "variable_snapshot",
                "session_id": session_id,
                "timestamp": self.inner.recorder.clock.now().as_secs_f64(),
                "data": view,
            });
            self.inner.queue_delivery(endpoint, &event);
        }
        Ok(DebugSnapshot { session_id, variables: view, metrics: self.retrieval_metrics() })
    }

    /// Returns the metrics of this client's reads of variables.
    #[must_use]
    pub fn retrieval_metrics(&self) -> RetrievalMetrics {
        let (avg_latency, total_retrieved) = self.inner.recorder.metrics.reads();
        let is_read = |record: &super::AuditRecord| {
            [Operation::GetVariables, Operation::DebugSnapshot]
                .iter()
                .any(|operation| operation.as_str() == record.operation)
        };
        let audit_trail = self.inner.recorder.audit_buffer.newest(MAX_AUDIT_RECORDS, is_read);
        RetrievalMetrics { avg_latency, total_retrieved, audit_trail }
    }
}
