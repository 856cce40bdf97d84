//! Every operation: its first half, and the work of its second.

use std::future::Future;

use cognigy_context::__bindings;
use cognigy_context::__bindings::document_policy;
use cognigy_context::api::botsessions::VariablesQuery;
use cognigy_context::api::platform::PreparedContextInjection;
use cognigy_context::api::{Operation, PreparedRequest};
use cognigy_context::check::CheckedBody;
use cognigy_context::client::{
    PreparedRead, PreparedUpdate, PreparedVariableInjection, UpdateOptions,
};
use cognigy_context::{CheckOptions, Client, ConfigurationError, Error};
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::prelude::JsValue;

use super::Tagged;
use super::host::{HostTransport, Work};
use crate::buffer::with_input;
use crate::failure::thrown;
use crate::injection::Input;
use crate::json::json;
use crate::state::Update;
use crate::text::{Fields, value_of};
use crate::{payload, variables};

type HostClient = Client<HostTransport>;

const SESSION: &str = "sessionId";
const USER: &str = "userId";
const DIALOG: &str = "dialogId";
const PROFILE: &str = "profileId";

/// Does the first half of a call, and gives the second.
///
/// # Errors
/// When the data must not be sent.
pub(super) fn begin(client: &HostClient, name: &str, mut fields: Fields) -> Result<Work, Error> {
    let fields = &mut fields;
    let client = client.clone();
    Ok(match name {
        "inject" => {
            let prepared = injection(&client, fields)?;
            work(async move { client.send_variable_injection(&prepared).await })
        }
        "getInjected" => {
            let session = fields.id(SESSION, SESSION)?;
            work(async move { client.get_injected(&session).await.map(Tagged::from) })
        }
        "sessionExists" => {
            let session = fields.id(SESSION, SESSION)?;
            work(async move { client.session_exists(&session).await })
        }
        "appendVariables" => {
            let call = append(&client, fields)?;
            work(async move { client.send_append(&call).await })
        }
        "getDocument" => {
            let session = fields.id(SESSION, SESSION)?;
            work(async move { client.get_document(&session).await.map(Tagged::from) })
        }
        "syncContext" => {
            let session = fields.id(SESSION, SESSION)?;
            let data = with_input(0, fields.length("length"), |text| {
                __bindings::write_json_with_sentinels(&CheckOptions::new(&document_policy()), text)
            });
            let prepared = client.prepare_sync(&session, data.map(|written| written.body))?;
            work(async move { client.send_sync(prepared).await })
        }
        "getVariables" => {
            let prepared = read(&client, fields, Operation::GetVariables)?;
            Box::pin(async move {
                let pages = client.read_pages(prepared).await.map_err(thrown)?;
                variables::told_pages(&pages).map(JsValue::from).map_err(thrown)
            })
        }
        "debugSnapshot" => {
            let prepared = read(&client, fields, Operation::DebugSnapshot)?;
            work(async move { client.send_snapshot(prepared).await })
        }
        "getState" => {
            let dialog = fields.id(DIALOG, DIALOG)?;
            work(async move { client.get_state(&dialog).await.map(Tagged::from) })
        }
        "updateState" => {
            let prepared = update(&client, fields)?;
            work(async move { client.send_update(&prepared).await })
        }
        "injectContext" => {
            let prepared = context(&client, fields)?;
            work(async move { client.send_context_injection(prepared).await })
        }
        "resetContext" => {
            let (session, user) = (fields.id(SESSION, SESSION)?, fields.id(USER, USER)?);
            let flow = fields.id("flowReferenceId", "flowReferenceId")?;
            let entrypoint = fields.id("entrypoint", "entrypoint")?;
            work(async move { client.reset_context(&session, &user, &flow, &entrypoint).await })
        }
        "injectState" => {
            let (session, user) = (fields.id(SESSION, SESSION)?, fields.id(USER, USER)?);
            let state = fields.id("state", "state")?;
            work(async move { client.inject_state(&session, &user, &state).await })
        }
        "resetState" => {
            let (session, user) = (fields.id(SESSION, SESSION)?, fields.id(USER, USER)?);
            work(async move { client.reset_state(&session, &user).await })
        }
        "listProfiles" => {
            let query = fields.texts("query")?;
            work(async move {
                let query: Vec<(&str, &str)> =
                    query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                client.list_profiles(&query).await
            })
        }
        "getProfile" => {
            let profile = fields.id(PROFILE, PROFILE)?;
            work(async move { client.get_profile(&profile).await })
        }
        "createProfile" => {
            let length = fields.length("length");
            let call = client.prepare_create_profile(|check| {
                with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
            })?;
            work(async move { client.profile(&call).await })
        }
        "updateProfile" => {
            let (profile, length) = (fields.id(PROFILE, PROFILE)?, fields.length("length"));
            let call = client.prepare_update_profile(&profile, |check| {
                with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
            })?;
            work(async move { client.profile(&call).await })
        }
        "deleteProfile" => {
            let profile = fields.id(PROFILE, PROFILE)?;
            work(async move { client.delete_profile(&profile).await })
        }
        "drain" => {
            let time = fields.time("seconds")?.unwrap_or_default();
            work(async move { Ok(client.drain(time).await) })
        }
        _ => return Err(ConfigurationError::new("there is no such operation").into()),
    })
}

/// The second half of a call: what it comes to, as JSON text.
fn work<R: Serialize>(call: impl Future<Output = Result<R, Error>> + 'static) -> Work {
    Box::pin(async move { call.await.map(|result| JsValue::from(json(&result))).map_err(thrown) })
}

/// Variables that the server merges; the values stand in the input buffer.
pub(super) fn injection(
    client: &HostClient,
    fields: &mut Fields,
) -> Result<PreparedVariableInjection, Error> {
    let session = fields.id(SESSION, SESSION)?;
    let crm_payload: Option<Value> =
        fields.optional("crmPayload").map(|text| value_of(text.as_bytes())).transpose()?;
    let payload = fields.required("payload")?;
    let written = payload::write(&payload, js_sys::Date::now() / 1000.0)?;
    let count = count_of(&written);
    Ok(client.prepare_variable_injection(&session, written, count, crm_payload)?)
}

/// Variables in the first form, in the input buffer.
pub(super) fn append(client: &HostClient, fields: &mut Fields) -> Result<PreparedRequest, Error> {
    let (session, length) = (fields.id(SESSION, SESSION)?, fields.length("length"));
    Ok(client.prepare_append(&session, |check| {
        with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
    })?)
}

/// A context of the real platform, in the input buffer.
pub(super) fn context(
    client: &HostClient,
    fields: &mut Fields,
) -> Result<PreparedContextInjection, Error> {
    let (session, user) = (fields.id(SESSION, SESSION)?, fields.id(USER, USER)?);
    let input = Input {
        context: fields.length("context"),
        existing: fields.optional_length("existing"),
        marks: u8::try_from(fields.length("marks")).unwrap_or(u8::MAX),
    };
    let existing = input.existing()?;
    Ok(client.prepare_context_injection(&session, &user, existing.as_ref(), |call| {
        input.prepare(call)
    })?)
}

fn read(
    client: &HostClient,
    fields: &mut Fields,
    operation: Operation,
) -> Result<PreparedRead, Error> {
    let session = fields.id(SESSION, SESSION)?;
    let (name, scope) = (fields.optional("name"), fields.optional("scope"));
    let query = VariablesQuery {
        name: name.as_deref(),
        scope: scope.as_deref(),
        include_system: fields.is_set("includeSystem"),
    };
    Ok(client.prepare_read(operation, &session, &query)?)
}

fn update(client: &HostClient, fields: &mut Fields) -> Result<PreparedUpdate, Error> {
    let dialog = fields.id(DIALOG, DIALOG)?;
    let next_step = fields.optional("nextStep");
    let update = Update {
        session: fields.length("session"),
        user: fields.length("user"),
        next_step: next_step.as_deref(),
    };
    let options =
        UpdateOptions { if_match: fields.optional("ifMatch"), rebase: fields.is_set("rebase") };
    let written = update.write();
    let count = count_of(&written);
    Ok(client.prepare_update(&dialog, written, count, next_step.is_some(), options)?)
}

fn count_of<E>(written: &Result<CheckedBody, E>) -> u64 {
    written.as_ref().map_or(0, |written| written.report.sizes.variables)
}
