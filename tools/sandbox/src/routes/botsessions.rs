//! The variables of a bot session, paginated: `GET /api/v2/botsessions/{sessionId}/variables`.

use crate::auth::{Allowed, VariableRead};
use crate::body::Id;
use crate::javascript;
use crate::problem::{Detail, Problem};
use crate::routes::json_response;
use crate::session::Session;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new().route("/api/v2/botsessions/{sessionId}/variables", get(list))
}

/// The query of a request.
#[derive(Default)]
struct Query {
    name: Option<String>,
    scope: Option<String>,
    include_system: bool,
    next: Option<String>,
}

impl Query {
    /// Parses a query. Ignores unknown parameters.
    fn read(query: &str) -> Result<Self, Problem> {
        let mut parsed = Self::default();
        let mut details = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "name" => parsed.name = Some(value.into_owned()),
                "scope" => parsed.scope = Some(value.into_owned()),
                "next" => parsed.next = Some(value.into_owned()),
                "includeSystem" => match value.as_ref() {
                    "true" => parsed.include_system = true,
                    "false" => parsed.include_system = false,
                    _ => details.push(Detail {
                        path: "includeSystem".to_owned(),
                        message: "must be true or false".into(),
                    }),
                },
                _ => {}
            }
        }
        if details.is_empty() {
            Ok(parsed)
        } else {
            Err(Problem::invalid("A query parameter is invalid.", details))
        }
    }

    /// Returns whether the query selects a variable. Names that begin with `_` require `includeSystem`.
    fn matches(&self, name: Option<&str>, scope: Option<&str>) -> bool {
        (self.include_system || !name.is_some_and(|name| name.starts_with('_')))
            && self.name.as_deref().is_none_or(|expected| name == Some(expected))
            && self.scope.as_deref().is_none_or(|expected| scope == Some(expected))
    }

    /// Returns the cursor of the page that begins at the index `start`. The cursor is valid only for the
    /// same session and query.
    fn cursor(&self, id: &str, start: usize) -> String {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let page = (id, &self.name, &self.scope, self.include_system, start);
        format!("{:016x}{start:x}", KEY.hash_one(page))
    }

    /// Returns the index at which the requested page begins; 0 without a cursor. Fails if the cursor
    /// belongs to another session or query.
    fn start(&self, id: &str) -> Result<usize, Problem> {
        let Some(cursor) = &self.next else { return Ok(0) };
        cursor
            .split_at_checked(16)
            .and_then(|(_, start)| usize::from_str_radix(start, 16).ok())
            .filter(|start| self.cursor(id, *start) == *cursor)
            .ok_or_else(|| {
                let message = "is not a cursor of this query";
                let details = vec![Detail { path: "next".to_owned(), message: message.into() }];
                Problem::invalid("A query parameter is invalid.", details)
            })
    }
}

/// Returns a page of the variables. `pagination` is `null` if one page contains all variables.
async fn list(
    _: Allowed<VariableRead>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref().unwrap_or_default())?;
    let mut tenant = shared_tenant.lock();
    let page_size = tenant.options.page_size.max(1);
    tenant.with_session(&id, |session, _| {
        let start = query.start(&id)?;
        let all = matching_variables(session, &query);
        let end = start.saturating_add(page_size).min(all.len());
        let page = all.get(start..end).unwrap_or_default();
        let pagination = (all.len() > page_size).then(|| {
            let next = (end < all.len()).then(|| query.cursor(&id, end));
            json!({"pageSize": page_size, "total": all.len(), "nextCursor": next})
        });
        Ok(json_response(StatusCode::OK, &json!({"variables": page, "pagination": pagination})))
    })
}

/// Returns the matching variables of a session: seeded ones first, then injected ones.
fn matching_variables(session: &Session, query: &Query) -> Vec<Value> {
    let seeded = session.bot_variables.iter().filter(|variable| {
        query.matches(text_field(variable, "name"), text_field(variable, "scope"))
    });
    let injected = session
        .variables
        .iter()
        .filter(|(name, scope, _)| query.matches(Some(name), Some(scope)))
        .map(|(name, scope, value)| json!({"name": name, "value": to_untyped_text(value), "scope": scope}));
    seeded.cloned().chain(injected).collect()
}

fn text_field<'a>(variable: &'a Value, field: &str) -> Option<&'a str> {
    variable.get(field).and_then(Value::as_str)
}

/// Returns a value as text, as the platform does for values without a type.
fn to_untyped_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => String::from_utf8_lossy(&javascript::to_json(value)).into_owned(),
    }
}
