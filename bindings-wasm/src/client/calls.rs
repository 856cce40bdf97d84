//! Every operation of the client: prepares it, and returns the future that sends it.

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
use super::host::{CallFuture, HostTransport};
use crate::args::{Args, parse_value};
use crate::buffer::with_input;
use crate::context_injection::ContextInput;
use crate::errors::to_js_error;
use crate::json::to_json;
use crate::state::Update;
use crate::{injection_payload, variables};

type HostClient = Client<HostTransport>;

const SESSION: &str = "sessionId";
const USER: &str = "userId";
const DIALOG: &str = "dialogId";
const PROFILE: &str = "profileId";

/// Prepares a call and returns the future that sends it.
///
/// # Errors
/// An error for invalid data, an invalid argument or an unknown operation.
pub(super) fn prepare(
    client: &HostClient,
    name: &str,
    mut args: Args,
) -> Result<CallFuture, Error> {
    let args = &mut args;
    let client = client.clone();
    Ok(match name {
        "inject" => {
            let prepared = prepare_injection(&client, args)?;
            json_result(async move { client.send_variable_injection(&prepared).await })
        }
        "getInjected" => {
            let session = args.id(SESSION)?;
            json_result(async move { client.get_injected(&session).await.map(Tagged::from) })
        }
        "sessionExists" => {
            let session = args.id(SESSION)?;
            json_result(async move { client.session_exists(&session).await })
        }
        "appendVariables" => {
            let request = prepare_append(&client, args)?;
            json_result(async move { client.send_append(&request).await })
        }
        "getDocument" => {
            let session = args.id(SESSION)?;
            json_result(async move { client.get_document(&session).await.map(Tagged::from) })
        }
        "syncContext" => {
            let session = args.id(SESSION)?;
            let data = with_input(0, args.length("length"), |text| {
                __bindings::write_json_with_sentinels(&CheckOptions::new(&document_policy()), text)
            });
            let prepared = client.prepare_sync(&session, data.map(|written| written.body))?;
            json_result(async move { client.send_sync(prepared).await })
        }
        "getVariables" => {
            let prepared = prepare_read(&client, args, Operation::GetVariables)?;
            Box::pin(async move {
                let pages = client.read_pages(prepared).await.map_err(to_js_error)?;
                variables::lossless_pages_json(&pages).map(JsValue::from).map_err(to_js_error)
            })
        }
        "debugSnapshot" => {
            let prepared = prepare_read(&client, args, Operation::DebugSnapshot)?;
            json_result(async move { client.send_snapshot(prepared).await })
        }
        "getState" => {
            let dialog = args.id(DIALOG)?;
            json_result(async move { client.get_state(&dialog).await.map(Tagged::from) })
        }
        "updateState" => {
            let prepared = prepare_update(&client, args)?;
            json_result(async move { client.send_update(&prepared).await })
        }
        "injectContext" => {
            let prepared = prepare_context(&client, args)?;
            json_result(async move { client.send_context_injection(prepared).await })
        }
        "resetContext" => {
            let (session, user) = (args.id(SESSION)?, args.id(USER)?);
            let flow = args.id("flowReferenceId")?;
            let entrypoint = args.id("entrypoint")?;
            json_result(
                async move { client.reset_context(&session, &user, &flow, &entrypoint).await },
            )
        }
        "injectState" => {
            let (session, user) = (args.id(SESSION)?, args.id(USER)?);
            let state = args.id("state")?;
            json_result(async move { client.inject_state(&session, &user, &state).await })
        }
        "resetState" => {
            let (session, user) = (args.id(SESSION)?, args.id(USER)?);
            json_result(async move { client.reset_state(&session, &user).await })
        }
        "listProfiles" => {
            let query = args.string_pairs("query")?;
            json_result(async move {
                let query: Vec<(&str, &str)> =
                    query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                client.list_profiles(&query).await
            })
        }
        "getProfile" => {
            let profile = args.id(PROFILE)?;
            json_result(async move { client.get_profile(&profile).await })
        }
        "createProfile" => {
            let length = args.length("length");
            let request = client.prepare_create_profile(|check| {
                with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
            })?;
            json_result(async move { client.profile(&request).await })
        }
        "updateProfile" => {
            let (profile, length) = (args.id(PROFILE)?, args.length("length"));
            let request = client.prepare_update_profile(&profile, |check| {
                with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
            })?;
            json_result(async move { client.profile(&request).await })
        }
        "deleteProfile" => {
            let profile = args.id(PROFILE)?;
            json_result(async move { client.delete_profile(&profile).await })
        }
        "drain" => {
            let timeout = args.duration("seconds")?.unwrap_or_default();
            json_result(async move { Ok(client.drain(timeout).await) })
        }
        "close" => {
            let timeout = client.settings().webhook_timeout;
            let timeout = args.duration("seconds")?.unwrap_or(timeout);
            json_result(async move { Ok(client.close(timeout).await) })
        }
        _ => return Err(ConfigurationError::new("unknown operation").into()),
    })
}

/// Converts the result of a call to JSON text.
fn json_result<R: Serialize>(call: impl Future<Output = Result<R, Error>> + 'static) -> CallFuture {
    Box::pin(async move {
        call.await.map(|result| JsValue::from(to_json(&result))).map_err(to_js_error)
    })
}

/// Prepares the injection of variables, whose values are in the input buffer.
pub(super) fn prepare_injection(
    client: &HostClient,
    args: &mut Args,
) -> Result<PreparedVariableInjection, Error> {
    let session = args.id(SESSION)?;
    let crm_payload: Option<Value> =
        args.optional("crmPayload").map(|text| parse_value(text.as_bytes())).transpose()?;
    let payload = args.required("payload")?;
    let written = injection_payload::write(&payload, js_sys::Date::now() / 1000.0);
    let count = variable_count(&written);
    Ok(client.prepare_variable_injection(&session, written, count, crm_payload)?)
}

/// Prepares appending the variables in the input buffer through the v1 API.
pub(super) fn prepare_append(
    client: &HostClient,
    args: &mut Args,
) -> Result<PreparedRequest, Error> {
    let (session, length) = (args.id(SESSION)?, args.length("length"));
    Ok(client.prepare_append(&session, |check| {
        with_input(0, length, |text| __bindings::write_json_with_sentinels(&check, text))
    })?)
}

/// Prepares the injection of the context in the input buffer.
pub(super) fn prepare_context(
    client: &HostClient,
    args: &mut Args,
) -> Result<PreparedContextInjection, Error> {
    let (session, user) = (args.id(SESSION)?, args.id(USER)?);
    let input = ContextInput::from_args(args);
    let existing = input.existing()?;
    Ok(client.prepare_context_injection(&session, &user, existing.as_ref(), |injection| {
        input.prepare(injection)
    })?)
}

/// Prepares reading a session's variables.
fn prepare_read(
    client: &HostClient,
    args: &mut Args,
    operation: Operation,
) -> Result<PreparedRead, Error> {
    let session = args.id(SESSION)?;
    let (name, scope) = (args.optional("name"), args.optional("scope"));
    let query = VariablesQuery {
        name: name.as_deref(),
        scope: scope.as_deref(),
        include_system: args.is_set("includeSystem"),
    };
    Ok(client.prepare_read(operation, &session, &query)?)
}

/// Prepares the update of a dialog's state, whose variables are in the input buffer.
fn prepare_update(client: &HostClient, args: &mut Args) -> Result<PreparedUpdate, Error> {
    let dialog = args.id(DIALOG)?;
    let next_step = args.optional("nextStep");
    let update = Update {
        session: args.length("session"),
        user: args.length("user"),
        next_step: next_step.as_deref(),
    };
    let options =
        UpdateOptions { if_match: args.optional("ifMatch"), rebase: args.is_set("rebase") };
    let written = update.write();
    let count = variable_count(&written);
    Ok(client.prepare_update(&dialog, written, count, next_step.is_some(), options)?)
}

/// Returns the number of variables in a body; 0 for a rejected body.
fn variable_count<E>(written: &Result<CheckedBody, E>) -> u64 {
    written.as_ref().map_or(0, |written| written.report.sizes.variables)
}
