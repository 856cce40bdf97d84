//! HTTP requests and responses as plain data.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::Secret;
use super::entity_tag::EntityTag;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET. A GET request never has a body, because the platform's gateway rejects a body.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// Returns the name as written in HTTP, for example `GET`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// An HTTP request that any HTTP client can send. [`Debug`] shows the method, the header names and the
/// length of the body, because the other data may be private.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL. It contains ids, so [`Debug`] does not show it.
    pub url: String,
    /// The headers, in order. Each character of a value is one byte of the header, U+0000 to U+00FF. They
    /// contain credentials, so [`Debug`] shows only the header names.
    pub headers: Vec<(&'static str, String)>,
    /// The body, in UTF-8: JSON, or a form for a token request. [`Debug`] shows only its length.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// Returns the credentials in the headers, without the authentication scheme.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = Secret> {
        self.headers.iter().filter_map(|(name, value)| {
            let is_credential = matches!(*name, "authorization" | "x-api-key");
            let credential = value.rsplit(' ').next().filter(|_| is_credential)?;
            Secret::opaque("the credential", credential).ok()
        })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Serializes to `{method, url, headers, body}`, the fields of Cognigy's HTTP Request node. `body` is a
/// string, or `null` without a body.
impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Headers<'a>(&'a [(&'static str, String)]);
        impl Serialize for Headers<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (name, value) in self.0 {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
        let mut request = serializer.serialize_struct("Request", 4)?;
        request.serialize_field("method", self.method.as_str())?;
        request.serialize_field("url", &self.url)?;
        request.serialize_field("headers", &Headers(&self.headers))?;
        // The library writes only UTF-8. A body that a caller sets may contain other bytes, which become
        // U+FFFD.
        request.serialize_field("body", &self.body.as_deref().map(String::from_utf8_lossy))?;
        request.end()
    }
}

/// An HTTP response that a transport returns. [`Debug`] shows only the status and the length of the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with their names in lower case. Each character of a value is one byte of the header,
    /// U+0000 to U+00FF, so that every value is kept as it was sent.
    pub headers: Vec<(String, String)>,
    /// The body, after any transfer or content encoding was removed.
    pub body: Vec<u8>,
}

impl Response {
    /// Returns the value of the first header called `name`. `name` must be in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the `ETag` header as it was sent, for use in `If-Match`, if it is a strong entity tag (RFC 9110,
    /// section 8.8.3) of at most 4,096 bytes. Returns `None` when it is absent, weak, or no entity tag, and when the
    /// response has several of these headers.
    ///
    /// ```
    /// use cognigy_context::api::Response;
    ///
    /// let tagged = |tag: &str| {
    ///     let headers = vec![("etag".to_owned(), tag.to_owned())];
    ///     Response { status: 200, headers, body: Vec::new() }.tag()
    /// };
    /// assert_eq!(tagged("\"v1\"").as_deref(), Some("\"v1\""));
    /// assert_eq!(tagged("W/\"v1\""), None);
    /// assert_eq!(tagged("*"), None);
    /// ```
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        self.entity_tag().strong().map(str::to_owned)
    }

    /// Parses the `ETag` header. Several headers are a list, and so no entity tag.
    pub(crate) fn entity_tag(&self) -> EntityTag<'_> {
        let mut tags = self.headers.iter().filter(|(name, _)| name == "etag");
        match (tags.next(), tags.next()) {
            (_, Some(_)) => EntityTag::Malformed,
            (first, None) => EntityTag::parse(first.map(|(_, value)| value.as_str())),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
