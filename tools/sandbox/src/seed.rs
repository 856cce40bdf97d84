//! Seeds sessions for tests.

use crate::bot_variables::BotVariables;
use crate::clock;
use crate::document::Document;
use crate::fields::Fields;
use crate::injection;
use crate::platform_session::PlatformSession;
use crate::problem::{Detail, Problem};
use crate::session::Session;
use crate::store::checked_weight;
use crate::tenant::Tenant;
use crate::variables::Variables;
use serde_json::{Map, Value};

impl Tenant {
    /// Replaces a session by the seed and returns the description of the session. Absent parts are empty.
    /// The seed can exceed the limits of the platform, but each part has at most 16 MiB of JSON text (413).
    pub(crate) fn seed_session(
        &mut self,
        id: &str,
        seed: Map<String, Value>,
    ) -> Result<Value, Problem> {
        let mut fields = Fields::of(seed);
        fields.reject_unknown(&[
            "userId",
            "context",
            "state",
            "document",
            "variables",
            "botVariables",
        ]);
        let platform_session = PlatformSession {
            user_id: fields.optional_string("userId"),
            context: fields.optional_object("context").unwrap_or_default(),
            state: fields.optional_string("state"),
        };
        let document = fields.optional_object("document");
        let list = fields.optional_list("variables").unwrap_or_default();
        let (injected, details) = injection::read_list("variables", list);
        fields.add(details);
        let bot_variables = bot_variables(&mut fields, "botVariables");
        fields.finish()?;

        let revision = self.revisions.next();
        let mut variables = Variables::new(revision);
        variables.merge(injected, clock::now(), revision)?;
        let session = Session {
            is_seeded: true,
            platform_session,
            document: Document::seeded(document, revision),
            variables,
            bot_variables,
            ..Session::new(revision)
        };
        checked_weight(session.document.weight())?;
        checked_weight(session.bot_variables.weight())?;
        let description = session.describe(id);
        self.put_session(id, session)?;
        Ok(description)
    }

    /// Sets the seeded variables that `/api/v2/botsessions` returns for a session, and returns the
    /// description of the session. Creates the session if necessary.
    pub(crate) fn seed_bot_variables(
        &mut self,
        id: &str,
        seed: Map<String, Value>,
    ) -> Result<Value, Problem> {
        let mut fields = Fields::of(seed);
        fields.reject_unknown(&["variables"]);
        let bot_variables = bot_variables(&mut fields, "variables");
        fields.finish()?;
        checked_weight(bot_variables.weight())?;
        self.create_session(id);
        let description = self.sessions.change(id, |session| {
            session.bot_variables = bot_variables;
            session.describe(id)
        });
        Ok(description.unwrap_or_default())
    }
}

/// Reads the variables of a seed. Each is an object with any content.
fn bot_variables(fields: &mut Fields, name: &'static str) -> BotVariables {
    let list = fields.optional_list(name).unwrap_or_default();
    fields.add(list.iter().enumerate().filter(|(_, item)| !item.is_object()).map(|(index, _)| {
        Detail { path: format!("{name}.{index}"), message: "must be an object".into() }
    }));
    BotVariables::new(list)
}
