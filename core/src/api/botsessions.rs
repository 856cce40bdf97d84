//! Reads the variables of bot sessions: `GET {base}/api/v2/botsessions/{sessionId}/variables`.

use super::id_validator::IdValidator;
use super::{
    BaseUrl, Method, Operation, PreparedRequest, Response, encode_id, error_from_response,
    invalid_response,
};
use crate::display_text::grouped;
use crate::error::Error;
use crate::path_encoding::{MAX_ENCODED_BYTES, encoded_len, percent_encode};
use crate::report::ValidationError;
use crate::variables::page_summary;

/// Selects the variables to read. The default selects all but the system variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VariablesQuery<'a> {
    /// Reads only the variables with this name; `None` for all names.
    pub name: Option<&'a str>,
    /// Reads only the variables of this scope; `None` for all scopes.
    pub scope: Option<&'a str>,
    /// Whether to also read system variables, whose names start with `_`. Default: false.
    pub include_system: bool,
}

/// Returns the URL of a session's variables.
///
/// ```
/// use cognigy_context::api::botsessions::{VariablesQuery, variables_url};
///
/// let query = VariablesQuery { scope: Some("user"), ..VariablesQuery::default() };
/// assert_eq!(
///     variables_url(&"https://api.example".parse()?, "s/1", &query)?,
///     "https://api.example/api/v2/botsessions/s%2F1/variables?scope=user",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when the session id is invalid, or a text of the query is too long.
pub fn variables_url(
    base: &BaseUrl,
    session_id: &str,
    query: &VariablesQuery<'_>,
) -> Result<String, ValidationError> {
    check_query(IdValidator::for_session(session_id, None), query).finish()?;
    Ok(base.join(&path(session_id, query, None)))
}

/// Adds the checks of the texts of a query.
fn check_query(ids: IdValidator, query: &VariablesQuery<'_>) -> IdValidator {
    ids.and_query_text("name", query.name).and_query_text("scope", query.scope)
}

fn path(session_id: &str, query: &VariablesQuery<'_>, cursor: Option<&str>) -> String {
    let mut path = format!("/api/v2/botsessions/{}/variables", encode_id(session_id));
    let parameters = [
        query.name.map(|name| format!("name={}", percent_encode(name))),
        query.scope.map(|scope| format!("scope={}", percent_encode(scope))),
        query.include_system.then(|| "includeSystem=true".to_owned()),
        cursor.map(|cursor| format!("next={}", percent_encode(cursor))),
    ];
    // `?` precedes the first of the four parameters, `&` each other one.
    for (parameter, separator) in parameters.into_iter().flatten().zip("?&&&".chars()) {
        path.push(separator);
        path.push_str(&parameter);
    }
    path
}

/// Prepares reading one page of a session's variables: the page at `cursor`, or the first for `None`.
///
/// `prefix` is the prefix that session ids must start with, if any.
///
/// # Errors
/// [`ValidationError`] when the session id is invalid, or a text of the query or the cursor is too long.
pub fn get_variables(
    session_id: &str,
    prefix: Option<&str>,
    query: &VariablesQuery<'_>,
    cursor: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    check_query(IdValidator::for_session(session_id, prefix), query)
        .and_query_text("next", cursor)
        .finish()?;
    Ok(PreparedRequest::new(Operation::GetVariables, Method::Get, path(session_id, query, cursor))
        .for_resource(session_id))
}

/// The number of variables of a page and the cursor of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSummary {
    /// The number of variables on the page.
    pub variables: u64,
    /// The cursor of the next page; `None` on the last page.
    pub next_cursor: Option<String>,
}

/// Reads the summary of the page in a response to [`get_variables`]. Use
/// [`parse_variables`](crate::parse_variables) to read the variables.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx, a body that is not a page of variables, or a cursor that is too
/// long for a URL.
pub fn read_page(response: &Response) -> Result<PageSummary, Error> {
    if let Some(error) = error_from_response(Operation::GetVariables, response) {
        return Err(error.into());
    }
    let summary = page_summary(&response.body);
    let (variables, next_cursor) = summary.map_err(|error| match error {
        Error::Api(error) => {
            let detail = error.detail.unwrap_or_else(|| "expected a page of variables".into());
            invalid_response(Operation::GetVariables, response, detail)
        }
        other => other,
    })?;
    if let Some(actual) = next_cursor.as_deref().map(encoded_len)
        && actual > MAX_ENCODED_BYTES
    {
        let detail = format!(
            "/pagination/nextCursor is {} bytes in a URL, the limit is {}",
            grouped(actual),
            grouped(MAX_ENCODED_BYTES)
        );
        return Err(invalid_response(Operation::GetVariables, response, detail));
    }
    Ok(PageSummary { variables, next_cursor })
}
