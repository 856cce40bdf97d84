//! A session. Each API family has its own part; `/api/v2/botsessions` also reads `variables`.

use crate::bot_variables::BotVariables;
use crate::clock;
use crate::document::Document;
use crate::etag::Revision;
use crate::platform_session::PlatformSession;
use crate::size;
use crate::store::Weighted;
use crate::variables::Variables;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// All parts of a session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) created_at: OffsetDateTime,
    /// Whether the session was seeded, not created on first use.
    pub(crate) is_seeded: bool,
    /// The part that the routes `/new/v2.0` read and write.
    pub(crate) platform_session: PlatformSession,
    /// The size of the platform session's context (as JSON text) and state, in bytes. `Tenant` updates it
    /// with each change.
    pub(crate) platform_weight: usize,
    /// The document of `/api/v1`.
    pub(crate) document: Document,
    /// The variables of `/api/v2`.
    pub(crate) variables: Variables,
    /// The seeded variables of `/api/v2/botsessions`, in addition to `variables`.
    pub(crate) bot_variables: BotVariables,
}

impl Session {
    /// Creates an empty session.
    pub(crate) fn new(revision: Revision) -> Self {
        Self {
            created_at: clock::now(),
            is_seeded: false,
            platform_session: PlatformSession::default(),
            platform_weight: 0,
            document: Document::default(),
            variables: Variables::new(revision),
            bot_variables: BotVariables::default(),
        }
    }

    /// Returns the session for a test. `document` is absent until it is written; `variables` and
    /// `botVariables` are absent if empty.
    pub(crate) fn describe(&self, id: &str) -> Value {
        let PlatformSession { user_id, context, state } = &self.platform_session;
        let mut description = json!({
            "sessionId": id,
            "userId": user_id,
            "context": context,
            "state": state,
            "seeded": self.is_seeded,
            "platformBytes": size::platform_bytes_of_object(context),
        });
        let parts = [
            ("document", self.document.content().map(|content| json!(content))),
            ("variables", self.variables.describe(clock::now())),
            ("botVariables", self.bot_variables.describe()),
        ];
        if let Some(description) = description.as_object_mut() {
            for (name, part) in parts {
                description.extend(part.map(|part| (name.to_owned(), part)));
            }
        }
        description
    }
}

impl Weighted for Session {
    fn weight(&self) -> usize {
        self.platform_weight
            .saturating_add(self.document.weight())
            .saturating_add(self.variables.weight())
            .saturating_add(self.bot_variables.weight())
    }
}
