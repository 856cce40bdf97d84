//! Context documents of sessions.

use pyo3::prelude::*;

use super::{ClientMethods, Text, dict_to_python, merge_id_issue, read_argument};
use crate::client::pending_call::PendingCall;
use crate::client::results::PyDocument;
use crate::documents::write_document;
use crate::errors;
use crate::text_args::TextArg;

impl ClientMethods {
    pub(in crate::client) fn get_document(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, read_argument(py, "session_id", session_id)?);
        let call = async move { client.get_document(&session).await };
        Ok(PendingCall::new(call, PyDocument::to_python))
    }

    pub(in crate::client) fn sync_context(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = TextArg::read("session_id", session_id)?;
        let prepared = client.prepare_sync(&id.text, write_document(data)?);
        let prepared =
            merge_id_issue(id, prepared, None).map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_sync(prepared).await };
        Ok(PendingCall::new(call, dict_to_python))
    }
}
