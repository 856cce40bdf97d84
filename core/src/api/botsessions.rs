//! Variables of bot sessions: `GET {base}/api/v2/botsessions/{sessionId}/variables`.

use super::ids::Ids;
use super::{
    BaseUrl, Method, Operation, PreparedRequest, Response, encode_id, failure_of, misshapen,
};
use crate::error::Error;
use crate::report::ValidationError;
use crate::variables::head_of_page;

/// Which variables are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VariablesQuery<'a> {
    /// Those of this name.
    pub name: Option<&'a str>,
    /// Those of this scope.
    pub scope: Option<&'a str>,
    /// The system's too, whose names begin with `_`.
    pub include_system: bool,
}

/// The address of a session's variables.
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
/// [`ValidationError`] when the session id can be none.
pub fn variables_url(
    base: &BaseUrl,
    session_id: &str,
    query: &VariablesQuery<'_>,
) -> Result<String, ValidationError> {
    Ids::session(session_id, None).check()?;
    Ok(base.join(&path(session_id, query, None)))
}

fn path(session_id: &str, query: &VariablesQuery<'_>, cursor: Option<&str>) -> String {
    let mut path = format!("/api/v2/botsessions/{}/variables", encode_id(session_id));
    let parameters = [
        query.name.map(|name| format!("name={}", encode_id(name))),
        query.scope.map(|scope| format!("scope={}", encode_id(scope))),
        query.include_system.then(|| "includeSystem=true".to_owned()),
        cursor.map(|cursor| format!("next={}", encode_id(cursor))),
    ];
    for (parameter, separator) in parameters.into_iter().flatten().zip("?&&&".chars()) {
        path.push(separator);
        path.push_str(&parameter);
    }
    path
}

/// Reads a page of the variables of a session: the first, or the one that a cursor leads to.
///
/// # Errors
/// [`ValidationError`] when the session id can be none.
pub fn get_variables(
    session_id: &str,
    prefix: Option<&str>,
    query: &VariablesQuery<'_>,
    cursor: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).check()?;
    Ok(PreparedRequest::new(Operation::GetVariables, Method::Get, path(session_id, query, cursor))
        .for_resource(session_id))
}

/// So much of a page as a reader of pages needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHead {
    /// How many variables it holds.
    pub variables: u64,
    /// Where the next one is, when there is one.
    pub next_cursor: Option<String>,
}

/// Reads the head of a page. Its variables are read by
/// [`parse_variables`](crate::parse_variables).
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is no page.
pub fn read_page(response: &Response) -> Result<PageHead, Error> {
    if let Some(failure) = failure_of(Operation::GetVariables, response) {
        return Err(failure.into());
    }
    let head = head_of_page(&response.body);
    let (variables, next_cursor) = head.map_err(|error| match error {
        Error::ApiError(failure) => {
            let detail = failure.detail.unwrap_or_else(|| "expected a page of variables".into());
            misshapen(Operation::GetVariables, response, detail)
        }
        other => other,
    })?;
    Ok(PageHead { variables, next_cursor })
}
