//! What a test may do with a running sandbox without HTTP: the control routes as methods.

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

/// The error of a control request: its missing or invalid fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem.to_text())
    }
}

/// The control routes without HTTP. A method takes and returns the same JSON as the
/// corresponding route; the README lists the fields.
impl Sandbox {
    /// Makes a session exactly this: the body of `PUT /_sandbox/sessions/{id}`. Gives what
    /// [`Sandbox::session`] gives.
    ///
    /// # Errors
    ///
    /// When a field is not known or has the wrong form.
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
    pub fn seed_session(&self, id: &str, seed: Value) -> Result<Value, Refused> {
        Ok(self.shared().tenant().seed_session(id, object(seed)?)?)
    }

    /// Sets what `/api/v2/botsessions` answers for a session, which is made if it is not there: a
    /// list of objects, which are answered as they are.
    ///
    /// # Errors
    ///
    /// When it is not a list of objects.
    pub fn seed_variables(&self, id: &str, variables: Value) -> Result<Value, Refused> {
        let seed = Map::from_iter([("variables".to_owned(), variables)]);
        Ok(self.shared().tenant().seed_bot_variables(id, seed)?)
    }

    /// Makes a dialog exactly this: `{session?, user?, transition?}`. Gives what
    /// [`Sandbox::dialog`] gives.
    ///
    /// # Errors
    ///
    /// When a field is not known, has the wrong form, or breaks a rule of the family.
    pub fn seed_dialog(&self, id: &str, seed: Value) -> Result<Value, Refused> {
        Ok(self.shared().tenant().seed_dialog(id, object(seed)?)?)
    }

    /// Returns a session; `None` if there is none.
    pub fn session(&self, id: &str) -> Option<Value> {
        self.shared().tenant().sessions.get(id).map(|session| session.describe(id))
    }

    /// What a dialog holds, how often it was changed (`version`, from 1) and how many of these
    /// changes held a transition (`transitions`); nothing when there is none.
    pub fn dialog(&self, id: &str) -> Option<Value> {
        self.shared().tenant().dialogs.get(id).map(|dialog| dialog.describe(id))
    }

    /// Makes requests go wrong: the body of `POST /_sandbox/faults`.
    ///
    /// # Errors
    ///
    /// When a field is not known or has the wrong form, when the fault makes no sense, or when
    /// 1,000 wait already.
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
    pub fn fault(&self, fault: Value) -> Result<(), Refused> {
        self.shared().tenant().add_fault(object(fault)?)?;
        Ok(())
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.shared().tenant().faults.clear();
    }

    /// The last 1,000 requests, the oldest first, as `GET /_sandbox/requests` lists them.
    pub fn requests(&self) -> Vec<Value> {
        list(self.shared().tenant().log.to_json())
    }

    /// The last 1,000 webhooks, the oldest first, as `GET /_sandbox/webhook` lists them.
    pub fn webhooks(&self) -> Vec<Value> {
        list(self.shared().tenant().webhooks.to_json())
    }

    /// Returns the counters of requests and responses.
    pub fn counters(&self) -> Counters {
        self.shared().tenant().counters.clone()
    }

    /// How it behaves.
    pub fn options(&self) -> Options {
        self.shared().tenant().options
    }

    /// Changes how it behaves. A rate limit begins to count anew.
    pub fn set_options(&self, options: Options) {
        let mut tenant = self.shared().tenant();
        tenant.options = options;
        tenant.window = Window::default();
    }

    /// Changes how long the tokens that are granted from now on are accepted.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.shared().tenant().token_lifetime = lifetime;
    }

    /// Takes back every token that was handed out, refresh tokens too.
    pub fn revoke_tokens(&self) {
        self.shared().tenant().tokens.clear();
    }

    /// Forgets everything that has happened, and behaves again as it did at the start.
    pub fn reset(&self) {
        self.shared().reset();
    }
}

impl Tenant {
    /// Makes a dialog exactly this.
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

    /// Adds a fault and returns its listed form.
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

fn object(value: Value) -> Result<Map<String, Value>, Refused> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Refused("The value is not a JSON object.".to_owned())),
    }
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => vec![json!(other)],
    }
}
