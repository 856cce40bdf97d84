//! Builds the request of an operation for hosts that send requests themselves: an HTTP Request node of
//! a flow, or another HTTP client.

use cognigy_context::__bindings;
use cognigy_context::api::botsessions::{self, VariablesQuery};
use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{
    Authorization, BaseUrl, Credential, PreparedRequest, Secret, platform_sessions, profiles,
    runtime_v2, sessions_v1, sessions_v2,
};
use cognigy_context::{ConfigurationError, Error};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::{Args, parse_args};
use crate::buffer::with_input;
use crate::context_injection::ContextInput;
use crate::errors::to_js_error;
use crate::injection_payload;
use crate::json::to_json;
use crate::policy::PolicyHandle;
use crate::state::Update;

const SESSION: &str = "sessionId";
const USER: &str = "userId";
const DIALOG: &str = "dialogId";
const PROFILE: &str = "profileId";

#[wasm_bindgen]
impl PolicyHandle {
    /// Builds the request of an operation. `args` is JSON with the arguments that are not in the
    /// input buffer.
    ///
    /// Returns the request as JSON without its body, then a line break and the body, if there is one.
    /// The body is not a field of the JSON, because it would be escaped and parsed again. If the body
    /// contains the text of the input buffer unchanged, it has a [`BODY_PLACEHOLDER`] in place of the
    /// text. TypeScript inserts the text there.
    ///
    /// [`BODY_PLACEHOLDER`]: cognigy_context::__bindings::BODY_PLACEHOLDER
    ///
    /// # Errors
    /// JSON of the error for invalid data, an invalid id, base URL or credential, or an unknown operation.
    pub fn request(&self, operation: &str, args: &str) -> Result<String, JsValue> {
        self.build_request(operation, args).map_err(to_js_error)
    }

    fn build_request(&self, operation: &str, args: &str) -> Result<String, Error> {
        let mut args = Args::parse(args)?;
        let base: BaseUrl = args.required("baseUrl")?.parse()?;
        let authorization = authorization(&mut args)?;
        let prepared = self.prepare(operation, &mut args)?;
        let mut request = prepared.request(&base, authorization.as_ref());
        let body = request.body.take().and_then(|body| String::from_utf8(body).ok());
        let mut text = to_json(&request);
        if let Some(body) = body {
            text.push('\n');
            text.push_str(&body);
        }
        Ok(text)
    }

    fn prepare(&self, operation: &str, args: &mut Args) -> Result<PreparedRequest, Error> {
        Ok(match operation {
            "getInjected" => sessions_v2::get_injected(&args.id(SESSION)?, None)?,
            "sessionExists" => sessions_v2::session_exists(&args.id(SESSION)?, None)?,
            "inject" => {
                let session = args.id(SESSION)?;
                let written =
                    injection_payload::write(&args.required("payload")?, args.number("now"));
                // Only the metrics of a client need the number of variables.
                sessions_v2::inject(&session, None, written, 0)?
            }
            "appendVariables" => {
                let session = args.id(SESSION)?;
                let length = args.length("length");
                sessions_v1::append_variables(&session, None, self.policy(), |check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "getDocument" => sessions_v1::get_document(&args.id(SESSION)?, None)?,
            "getVariables" => {
                let session = args.id(SESSION)?;
                let [name, scope, cursor] =
                    ["name", "scope", "cursor"].map(|name| args.optional(name));
                let query = VariablesQuery {
                    name: name.as_deref(),
                    scope: scope.as_deref(),
                    include_system: args.is_set("includeSystem"),
                };
                botsessions::get_variables(&session, None, &query, cursor.as_deref())?
            }
            "getState" => runtime_v2::get_state(&args.id(DIALOG)?)?,
            "updateState" => {
                let dialog = args.id(DIALOG)?;
                let next_step = args.optional("nextStep");
                let update = Update {
                    session: args.length("session"),
                    user: args.length("user"),
                    next_step: next_step.as_deref(),
                };
                let if_match = args.optional("ifMatch");
                let has_transition = next_step.is_some();
                // As in `inject`, the number of variables is not needed.
                runtime_v2::update_state(&dialog, update.write(), 0, has_transition, if_match)?
            }
            "injectContext" => {
                let (session, user) = (args.id(SESSION)?, args.id(USER)?);
                let input = ContextInput::from_args(args);
                let existing = input.existing()?;
                let injection = InjectContext::new(&session, &user)
                    .policy(self.policy())
                    .existing(existing.as_ref());
                input.request(injection)?
            }
            "resetContext" => {
                let (session, user) = (args.id(SESSION)?, args.id(USER)?);
                let (flow, entrypoint) = (args.id("flowReferenceId")?, args.id("entrypoint")?);
                platform_sessions::reset_context(&session, None, &user, &flow, &entrypoint)?
            }
            "injectState" => {
                let (session, user) = (args.id(SESSION)?, args.id(USER)?);
                platform_sessions::inject_state(&session, None, &user, &args.id("state")?)?
            }
            "resetState" => {
                platform_sessions::reset_state(&args.id(SESSION)?, None, &args.id(USER)?)?
            }
            "listProfiles" => {
                let query = args.optional("query").unwrap_or_default();
                let query: Vec<(String, String)> = parse_args(&query)?;
                let query: Vec<_> =
                    query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                profiles::list_profiles(&query)?
            }
            "getProfile" => profiles::get_profile(&args.id(PROFILE)?)?,
            "createProfile" => {
                let length = args.length("length");
                profiles::create_profile(|check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "updateProfile" => {
                let profile = args.id(PROFILE)?;
                let length = args.length("length");
                profiles::update_profile(&profile, |check| {
                    with_input(0, length, |text| __bindings::write_json_reusing_text(&check, text))
                })?
            }
            "deleteProfile" => profiles::delete_profile(&args.id(PROFILE)?)?,
            _ => return Err(ConfigurationError::new("unknown operation").into()),
        })
    }
}

/// Returns the authorization of the request: the API key or, without a key, the bearer token. `None` without
/// either, because a flow may add it later.
fn authorization(args: &mut Args) -> Result<Option<Authorization>, ConfigurationError> {
    let key = args.optional("apiKey").map(Secret::new).transpose()?;
    let token = args.optional("bearerToken");
    let token = token.map(|token| Secret::named("the bearer token", token)).transpose()?;
    let credential = key.map(Credential::ApiKey).or(token.map(Credential::Bearer));
    Ok(credential.map(|credential| Authorization { credential, organisation: None }))
}
