//! The tenant: the data that all requests share.

use crate::clock;
use crate::config::Config;
use crate::counters::Counters;
use crate::dialog::Dialog;
use crate::etag::{Revision, Revisions};
use crate::faults::Faults;
use crate::javascript;
use crate::options::Options;
use crate::platform_session::PlatformSession;
use crate::problem::Problem;
use crate::profile::Profile;
use crate::rate_limit::Window;
use crate::request_log::RequestLog;
use crate::session::Session;
use crate::store::{Store, Weighted, checked_weight};
use crate::tokens::Tokens;
use crate::webhooks::Webhooks;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The configuration of the sandbox and its tenant, in one handle for all requests. Clones are cheap and
/// share the same data.
#[derive(Clone)]
pub(crate) struct SharedTenant(Arc<Inner>);

struct Inner {
    config: Config,
    start_options: Options,
    tenant: Mutex<Tenant>,
}

/// The data of the tenant.
pub(crate) struct Tenant {
    pub(crate) sessions: Store<Session>,
    pub(crate) dialogs: Store<Dialog>,
    pub(crate) profiles: Store<Profile>,
    pub(crate) tokens: Tokens,
    pub(crate) token_lifetime: Duration,
    pub(crate) options: Options,
    pub(crate) revisions: Revisions,
    pub(crate) window: Window,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) counters: Counters,
    pub(crate) webhooks: Webhooks,
}

impl SharedTenant {
    pub(crate) fn new(config: Config, options: Options) -> Self {
        let tenant = Tenant {
            sessions: Store::new(config.max_entries),
            dialogs: Store::new(config.max_entries),
            profiles: Store::new(config.max_entries),
            tokens: Tokens::new(config.max_entries),
            token_lifetime: config.token_lifetime,
            options,
            revisions: Revisions::default(),
            window: Window::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            counters: Counters::default(),
            webhooks: Webhooks::default(),
        };
        Self(Arc::new(Inner { config, start_options: options, tenant: Mutex::new(tenant) }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Returns the initial options.
    pub(crate) fn start_options(&self) -> Options {
        self.0.start_options
    }

    /// Locks the tenant for reading and changing. Callers must not keep the lock across an `await`.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Tenant> {
        self.0.tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the options and the token lifetime to their initial values, and the window of the rate limit.
    pub(crate) fn restore_options(&self) {
        let mut tenant = self.lock();
        tenant.options = self.0.start_options;
        tenant.token_lifetime = self.0.config.token_lifetime;
        tenant.window = Window::default();
    }

    /// Deletes all data and resets the options. Revisions continue, so that no ETag is used again.
    pub(crate) fn reset(&self) {
        self.restore_options();
        let mut tenant = self.lock();
        tenant.sessions.clear();
        tenant.dialogs.clear();
        tenant.profiles.clear();
        tenant.tokens.clear();
        tenant.faults.clear();
        tenant.log.clear();
        tenant.counters = Counters::default();
        tenant.webhooks.clear();
    }
}

impl Tenant {
    /// Changes the platform's part of a session and returns the stored context as JSON text. Creates
    /// the session if it does not exist.
    ///
    /// Fails with 413, without a change, if the context would be larger than 16 MiB of JSON text.
    pub(crate) fn change_platform_session(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut PlatformSession),
    ) -> Result<Vec<u8>, Problem> {
        let old = self.sessions.get(id).map(|session| &session.platform_session);
        let mut platform_session = old.cloned().unwrap_or_default();
        change(&mut platform_session);
        let (text, weight) = write_context(&platform_session)?;
        self.create_session(id);
        self.sessions.change(id, |session| {
            session.platform_session = platform_session;
            session.platform_weight = weight;
        });
        Ok(text)
    }

    /// Stores a session and replaces an existing one. Fails with 413 if its context is larger than 16 MiB.
    pub(crate) fn put_session(&mut self, id: &str, mut session: Session) -> Result<(), Problem> {
        (_, session.platform_weight) = write_context(&session.platform_session)?;
        let weight = session.weight();
        self.sessions.put(id, session, weight);
        Ok(())
    }

    /// Removes the expired variables of a session and runs `work` on the session, with a new revision for
    /// changes. Fails with 404 if the session does not exist and `create_sessions` is off.
    pub(crate) fn with_session<R>(
        &mut self,
        id: &str,
        work: impl FnOnce(&mut Session, Revision) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        if self.options.create_sessions {
            self.create_session(id);
        }
        let revision = self.revisions.next();
        self.sessions
            .change(id, |session| {
                session.variables.expire(clock::now(), revision);
                work(session, revision)
            })
            .unwrap_or_else(|| Err(Problem::not_found("There is no session with this id.")))
    }

    /// Runs `work` on a dialog, with a new revision for changes. Fails with 404 if the dialog does not
    /// exist and `create_sessions` is off.
    pub(crate) fn with_dialog<R>(
        &mut self,
        id: &str,
        work: impl FnOnce(&mut Dialog, Revision) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        if self.options.create_sessions && self.dialogs.get(id).is_none() {
            self.dialogs.put(id, Dialog::empty(self.revisions.next()), 0);
        }
        let revision = self.revisions.next();
        self.dialogs
            .change(id, |dialog| work(dialog, revision))
            .unwrap_or_else(|| Err(Problem::not_found("There is no dialog with this id.")))
    }

    /// Creates a session, unless it exists.
    pub(crate) fn create_session(&mut self, id: &str) {
        if self.sessions.get(id).is_none() {
            self.sessions.put(id, Session::new(self.revisions.next()), 0);
        }
    }
}

/// Returns the context as JSON text, and the total size of the context and the state in bytes. Fails with
/// 413 if the context is larger than 16 MiB.
fn write_context(platform_session: &PlatformSession) -> Result<(Vec<u8>, usize), Problem> {
    let text = javascript::to_json(&platform_session.context);
    let weight = checked_weight(text.len())?;
    let state = platform_session.state.as_ref().map_or(0, String::len);
    Ok((text, weight.saturating_add(state)))
}
