//! Requests of every operation, for hosts that send them themselves: a flow's HTTP Request node, or
//! a client of the caller's own.

use cognigy_context::__bindings;
use cognigy_context::api::botsessions::{self, VariablesQuery};
use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{
    Authorization, BaseUrl, Credential, PreparedRequest, Secret, platform_sessions, profiles,
    runtime_v2, sessions_v1, sessions_v2,
};
use cognigy_context::{ConfigurationError, Error, ValidationError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::injection::Input;
use crate::json::json;
use crate::payload;
use crate::policy::PolicyHandle;
use crate::state::Update;
use crate::text::{Fields, id_of, ids};

const SESSION: &str = "sessionId";
const USER: &str = "userId";
const DIALOG: &str = "dialogId";
const PROFILE: &str = "profileId";

#[wasm_bindgen]
impl PolicyHandle {
    /// The request of an operation, by the operation's name in TypeScript. `fields` is JSON of what
    /// it is given beside the input buffer. Answers JSON of all but the body and, where there is
    /// one, a line break and the body as it is, which as a JSON string would have to be escaped here
    /// and read again there. A value that goes out as it was written into the buffer is not even
    /// that: TypeScript has its text, and puts it where the body has a [`BODY_PLACEHOLDER`].
    ///
    /// [`BODY_PLACEHOLDER`]: cognigy_context::__bindings::BODY_PLACEHOLDER
    ///
    /// # Errors
    /// JSON of the error: data or an id that must not be sent, an address that is none.
    pub fn request(&self, operation: &str, fields: &str) -> Result<String, JsValue> {
        self.request_of(operation, fields).map_err(thrown)
    }

    fn request_of(&self, operation: &str, fields: &str) -> Result<String, Error> {
        let mut fields = Fields::read(fields)?;
        let base: BaseUrl = fields.required("baseUrl")?.parse()?;
        let authorization = authorization(&mut fields)?;
        let call = self.call(operation, &mut fields)?;
        let mut request = call.request(&base, authorization.as_ref());
        let body = request.body.take().and_then(|body| String::from_utf8(body).ok());
        let mut told = json(&request);
        if let Some(body) = body {
            told.push('\n');
            told.push_str(&body);
        }
        Ok(told)
    }

    fn call(&self, operation: &str, fields: &mut Fields) -> Result<PreparedRequest, Error> {
        Ok(match operation {
            "getInjected" => sessions_v2::get_injected(&id(fields, SESSION)?, None)?,
            "sessionExists" => sessions_v2::session_exists(&id(fields, SESSION)?, None)?,
            "inject" => {
                let session = id(fields, SESSION)?;
                let written = payload::write(&fields.required("payload")?, number(fields, "now"))?;
                // How many they are is for a client's own records.
                sessions_v2::inject(&session, None, written, 0)?
            }
            "appendVariables" => {
                let session = id(fields, SESSION)?;
                let length = length(fields, "length");
                sessions_v1::append_variables(&session, None, self.policy(), |check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "getDocument" => sessions_v1::get_document(&id(fields, SESSION)?, None)?,
            "getVariables" => {
                let session = id(fields, SESSION)?;
                let [name, scope, cursor] =
                    ["name", "scope", "cursor"].map(|name| fields.optional(name));
                let query = VariablesQuery {
                    name: name.as_deref(),
                    scope: scope.as_deref(),
                    include_system: fields.is_set("includeSystem"),
                };
                botsessions::get_variables(&session, None, &query, cursor.as_deref())?
            }
            "getState" => runtime_v2::get_state(&id(fields, DIALOG)?)?,
            "updateState" => {
                let dialog = id(fields, DIALOG)?;
                let next_step = fields.optional("nextStep");
                let update = Update {
                    session: length(fields, "session"),
                    user: length(fields, "user"),
                    next_step: next_step.as_deref(),
                };
                let if_match = fields.optional("ifMatch");
                let has_transition = next_step.is_some();
                runtime_v2::update_state(&dialog, update.write(), 0, has_transition, if_match)?
            }
            "injectContext" => {
                let (session, user) = (id(fields, SESSION)?, id(fields, USER)?);
                let input = Input {
                    context: length(fields, "context"),
                    existing: fields.0.contains_key("existing").then(|| length(fields, "existing")),
                    marks: u8::try_from(length(fields, "marks")).unwrap_or(u8::MAX),
                };
                let existing = input.existing()?;
                let call = InjectContext::new(&session, &user)
                    .policy(self.policy())
                    .existing(existing.as_ref());
                input.call(call)?
            }
            "resetContext" => {
                let (session, user) = (id(fields, SESSION)?, id(fields, USER)?);
                let (flow, entrypoint) =
                    (id(fields, "flowReferenceId")?, id(fields, "entrypoint")?);
                platform_sessions::reset_context(&session, None, &user, &flow, &entrypoint)?
            }
            "injectState" => {
                let (session, user) = (id(fields, SESSION)?, id(fields, USER)?);
                platform_sessions::inject_state(&session, None, &user, &id(fields, "state")?)?
            }
            "resetState" => {
                platform_sessions::reset_state(&id(fields, SESSION)?, None, &id(fields, USER)?)?
            }
            "listProfiles" => {
                let query = fields.optional("query").unwrap_or_default();
                let query: Vec<(String, String)> = ids(&query)?;
                let query: Vec<_> =
                    query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                profiles::list_profiles(&query)
            }
            "getProfile" => profiles::get_profile(&id(fields, PROFILE)?)?,
            "createProfile" => {
                let length = length(fields, "length");
                profiles::create_profile(|check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "updateProfile" => {
                let profile = id(fields, PROFILE)?;
                let length = length(fields, "length");
                profiles::update_profile(&profile, |check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "deleteProfile" => profiles::delete_profile(&id(fields, PROFILE)?)?,
            _ => return Err(ConfigurationError::new("there is no such operation").into()),
        })
    }
}

/// An id, which TypeScript wrote as the JSON text of what it was given.
fn id(fields: &mut Fields, name: &'static str) -> Result<String, ValidationError> {
    id_of(&fields.optional(name).unwrap_or_default(), name)
}

fn number(fields: &Fields, name: &str) -> f64 {
    fields.0.get(name).and_then(serde_json::Value::as_f64).unwrap_or_default()
}

/// How many bytes of the input buffer.
fn length(fields: &Fields, name: &str) -> usize {
    number(fields, name) as usize
}

/// What the request proves its right with; a flow may add that itself.
fn authorization(fields: &mut Fields) -> Result<Option<Authorization>, ConfigurationError> {
    let key = fields.optional("apiKey").map(Secret::new).transpose()?;
    let token = fields.optional("bearerToken");
    let token = token.map(|token| Secret::named("the bearer token", token)).transpose()?;
    let credential = key.map(Credential::ApiKey).or(token.map(Credential::Bearer));
    Ok(credential.map(|credential| Authorization { credential, organisation: None }))
}
