//! The control of a sandbox by methods of [`Sandbox`], without HTTP.

use crate::counters::Counters;
use crate::dialog::{Dialog, Update};
use crate::faults::Fault;
use crate::options::Options;
use crate::problem::Problem;
use crate::rate_limit::Window;
use crate::sandbox::Sandbox;
use crate::store::Weighted;
use crate::tenant::Tenant;
use serde_json::{Map, Value, json};
use std::fmt;
use std::time::Duration;

/// The error of a control method. The text names the missing or invalid fields, or the exceeded limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError(String);

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ControlError {}

impl From<Problem> for ControlError {
    fn from(problem: Problem) -> Self {
        Self(problem.to_text())
    }
}

/// The control of the sandbox without HTTP. Sessions, dialogs, faults, requests and webhooks have the same
/// JSON as in the control routes; the README lists the fields.
impl Sandbox {
    /// Replaces a session by the seed and returns the session. The seed is the body of
    /// `PUT /_sandbox/sessions/{id}`.
    ///
    /// # Errors
    ///
    /// A field is unknown or invalid, or the seed is too large.
    ///
    /// # Example
    ///
    /// ```
    /// use cognigy_context_sandbox::{Config, Sandbox};
    /// use serde_json::json;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start(Config::default())?;
    /// sandbox.seed_session("s-1", json!({"document": {"tier": "gold"}}))?;
    /// assert_eq!(sandbox.session("s-1").unwrap()["document"]["tier"], "gold");
    /// # Ok(())
    /// # }
    /// ```
    pub fn seed_session(&self, id: &str, seed: Value) -> Result<Value, ControlError> {
        Ok(self.shared_tenant().lock().seed_session(id, into_object(seed)?)?)
    }

    /// Sets the seeded variables that `/api/v2/botsessions` returns for a session, and returns the session.
    /// Creates the session if necessary. `variables` is a list of objects, which `/api/v2/botsessions`
    /// returns unchanged.
    ///
    /// # Errors
    ///
    /// `variables` is not a list of objects, or is too large.
    pub fn seed_variables(&self, id: &str, variables: Value) -> Result<Value, ControlError> {
        let seed = Map::from_iter([("variables".to_owned(), variables)]);
        Ok(self.shared_tenant().lock().seed_bot_variables(id, seed)?)
    }

    /// Replaces a dialog by the seed and returns the dialog. The seed is
    /// `{session?, user?, transition?}`.
    ///
    /// # Errors
    ///
    /// A field is unknown or invalid.
    pub fn seed_dialog(&self, id: &str, seed: Value) -> Result<Value, ControlError> {
        Ok(self.shared_tenant().lock().seed_dialog(id, into_object(seed)?)?)
    }

    /// Returns a session; `None` if there is none.
    pub fn session(&self, id: &str) -> Option<Value> {
        self.shared_tenant().lock().sessions.get(id).map(|session| session.describe(id))
    }

    /// Returns a dialog; `None` if there is none. `version` starts at 1 and increases with each update.
    /// `transitions` counts the updates with a transition.
    pub fn dialog(&self, id: &str) -> Option<Value> {
        self.shared_tenant().lock().dialogs.get(id).map(|dialog| dialog.describe(id))
    }

    /// Adds a fault, which makes requests fail. `fault` is the body of `POST /_sandbox/faults`.
    ///
    /// # Errors
    ///
    /// A field is unknown or invalid, fields contradict each other, or 1,000 faults are pending.
    ///
    /// # Example
    ///
    /// ```
    /// use cognigy_context_sandbox::{Config, Sandbox};
    /// use serde_json::json;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start(Config::default())?;
    /// sandbox.fault(json!({"status": 503, "times": 2, "method": "PUT"}))?;
    /// sandbox.fault(json!({"status": 599, "color": "red"})).unwrap_err();
    /// # Ok(())
    /// # }
    /// ```
    pub fn fault(&self, fault: Value) -> Result<(), ControlError> {
        self.shared_tenant().lock().add_fault(into_object(fault)?)?;
        Ok(())
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.shared_tenant().lock().faults.clear();
    }

    /// Returns the last 1,000 requests, oldest first, as `GET /_sandbox/requests` lists them.
    pub fn requests(&self) -> Vec<Value> {
        into_list(self.shared_tenant().lock().log.to_json())
    }

    /// Returns the last 1,000 webhooks (fewer if their bodies exceed 64 MiB), oldest first, as `GET /_sandbox/webhook` lists them.
    pub fn webhooks(&self) -> Vec<Value> {
        into_list(self.shared_tenant().lock().webhooks.to_json())
    }

    /// Returns the counters of requests and responses.
    pub fn counters(&self) -> Counters {
        self.shared_tenant().lock().counters.clone()
    }

    /// Returns the options of the tenant.
    pub fn options(&self) -> Options {
        self.shared_tenant().lock().options
    }

    /// Sets the options of the tenant. Resets the window of the rate limit.
    pub fn set_options(&self, options: Options) {
        let mut tenant = self.shared_tenant().lock();
        tenant.options = options;
        tenant.window = Window::default();
    }

    /// Sets the lifetime of new access tokens. Existing tokens keep their lifetime.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.shared_tenant().lock().token_lifetime = lifetime;
    }

    /// Revokes all access and refresh tokens.
    pub fn revoke_tokens(&self) {
        self.shared_tenant().lock().tokens.clear();
    }

    /// Deletes all data and restores the initial options and token lifetime.
    pub fn reset(&self) {
        self.shared_tenant().reset();
    }
}

impl Tenant {
    /// Replaces a dialog by the seed and returns its description.
    pub(crate) fn seed_dialog(
        &mut self,
        id: &str,
        seed: Map<String, Value>,
    ) -> Result<Value, Problem> {
        let dialog = Dialog::new(Update::read_seed(seed)?, self.revisions.next());
        let (description, weight) = (dialog.describe(id), dialog.weight());
        self.dialogs.put(id, dialog, weight);
        Ok(description)
    }

    /// Adds a fault and returns it as `GET /_sandbox/faults` lists it. Fails with 409 if 1,000 faults are
    /// pending.
    pub(crate) fn add_fault(&mut self, fault: Map<String, Value>) -> Result<Value, Problem> {
        let fault = Fault::from_json(fault)?;
        let listed = fault.to_json();
        if self.faults.add(fault) {
            Ok(listed)
        } else {
            Err(Problem::conflict("The limit of 1,000 faults is reached. Clear some faults."))
        }
    }
}

fn into_object(value: Value) -> Result<Map<String, Value>, ControlError> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(ControlError("The value must be a JSON object.".to_owned())),
    }
}

fn into_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => vec![json!(other)],
    }
}
