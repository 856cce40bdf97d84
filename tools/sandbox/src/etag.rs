//! Entity tags: which state of a thing a caller has seen.

use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The number of a state. Each is given once in the life of a tenant, so that a thing which was
/// removed and made anew never bears an old tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision(u64);

/// Issues the revision numbers.
#[derive(Debug, Default)]
pub(crate) struct Revisions(u64);

impl Revisions {
    pub(crate) fn next(&mut self) -> Revision {
        self.0 += 1;
        Revision(self.0)
    }
}

impl Revision {
    /// Returns the ETag header, quotes included.
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

/// Whether `If-Match` lets a request pass: it is not there, or names the current state (`None` when
/// there is nothing yet). Weak tags never match, as RFC 9110 says.
pub(crate) fn is_precondition_met(headers: &HeaderMap, current: Option<Revision>) -> bool {
    let mut conditions = headers.get_all(IF_MATCH).iter().peekable();
    if conditions.peek().is_none() {
        return true;
    }
    let Some(tag) = current.map(Revision::tag) else { return false };
    conditions
        .filter_map(|condition| condition.to_str().ok())
        .flat_map(|condition| condition.split(','))
        .any(|one| matches!(one.trim(), "*") || one.trim() == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(conditions: &[&str], current: Option<Revision>) -> bool {
        let mut headers = HeaderMap::new();
        for condition in conditions {
            headers.append(IF_MATCH, HeaderValue::try_from(*condition).unwrap());
        }
        is_precondition_met(&headers, current)
    }

    #[test]
    fn a_condition_passes_when_it_names_the_state() {
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
            assert_eq!(passes(&conditions, Some(second)), expected, "{conditions:?}");
        }
        assert!(passes(&[&format!("{old}, {new}")], Some(second)));
        assert!(!passes(&[&format!("W/{new}")], Some(second)));
        assert!(!passes(&[new.trim_matches('"')], Some(second)));
        assert!(passes(&[], None));
        assert!(!passes(&["*"], None));
    }
}
