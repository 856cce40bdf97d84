//! Entity tags (ETags) and `If-Match`.

use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The revision of a resource. Revisions are unique in a tenant, so a resource that is deleted and
/// created again gets a new ETag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision(u64);

/// Generates revisions.
#[derive(Debug, Default)]
pub(crate) struct Revisions(u64);

impl Revisions {
    /// Returns a new revision.
    pub(crate) fn next(&mut self) -> Revision {
        self.0 += 1;
        Revision(self.0)
    }
}

impl Revision {
    /// Returns the ETag, including quotes.
    pub(crate) fn tag(self) -> String {
        format!("\"r{:x}\"", self.0)
    }

    /// Sets the `ETag` of a response.
    pub(crate) fn set_header(self, response: &mut Response) {
        if let Ok(tag) = HeaderValue::try_from(self.tag()) {
            response.headers_mut().insert(ETAG, tag);
        }
    }
}

/// Returns whether a request can proceed: it has no `If-Match`, or its `If-Match` matches the current
/// revision. `current` is `None` if the resource does not exist. Weak ETags never match (RFC 9110).
pub(crate) fn is_precondition_met(headers: &HeaderMap, current: Option<Revision>) -> bool {
    let mut conditions = headers.get_all(IF_MATCH).iter().peekable();
    if conditions.peek().is_none() {
        return true;
    }
    let Some(tag) = current.map(Revision::tag) else { return false };
    conditions
        .filter_map(|condition| condition.to_str().ok())
        .flat_map(|condition| condition.split(','))
        .map(str::trim)
        .any(|condition| condition == "*" || condition == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_met(conditions: &[&str], current: Option<Revision>) -> bool {
        let mut headers = HeaderMap::new();
        for condition in conditions {
            headers.append(IF_MATCH, HeaderValue::try_from(*condition).unwrap());
        }
        is_precondition_met(&headers, current)
    }

    #[test]
    fn if_match_matches_only_the_current_etag() {
        let mut revisions = Revisions::default();
        let (first, second) = (revisions.next(), revisions.next());
        assert_ne!(first.tag(), second.tag());
        let (old, new) = (first.tag(), second.tag());
        for (conditions, expected) in [
            (vec![], true),
            (vec![new.as_str()], true),
            (vec![old.as_str()], false),
            (vec!["*"], true),
            (vec![old.as_str(), new.as_str()], true),
        ] {
            assert_eq!(is_met(&conditions, Some(second)), expected, "{conditions:?}");
        }
        assert!(is_met(&[&format!("{old}, {new}")], Some(second)));
        assert!(!is_met(&[&format!("W/{new}")], Some(second)));
        assert!(!is_met(&[new.trim_matches('"')], Some(second)));
        assert!(is_met(&[], None));
        assert!(!is_met(&["*"], None));
    }
}
