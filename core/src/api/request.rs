//! What goes out and what comes back, in the plainest form.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::error::ConfigurationError;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET, which never has a body: the platform's edge refuses one.
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
    /// The name on the wire.
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

/// A request, ready to be sent by anything that speaks HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers, in order. They hold credentials: [`Debug`] shows their names only.
    pub headers: Vec<(&'static str, String)>,
    /// The body: UTF-8 JSON. Shown by [`Debug`] as its length only.
    pub body: Option<Vec<u8>>,
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

/// `{method, url, headers, body}`: what an HTTP Request node takes.
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
        request.serialize_field("body", &self.body.as_deref().map(String::from_utf8_lossy))?;
        request.end()
    }
}

/// An answer, as the transport got it.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from any transfer or content encoding.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The tag (`ETag`) of what was answered, as it is to be given back in `If-Match`.
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        // A header that is no header value cannot be sent back.
        let is_plain = |tag: &&str| tag.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        self.header("etag").filter(is_plain).filter(|tag| !tag.is_empty()).map(str::to_owned)
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

/// A key or token. It can be used and not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a key that can stand in a header.
    ///
    /// # Errors
    /// [`ConfigurationError`] when it is empty, or holds what no header can carry.
    pub fn new(secret: impl Into<String>) -> Result<Self, ConfigurationError> {
        Self::named("the API key", secret)
    }

    /// The same for a secret of another name, which the error tells.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn named(
        name: &'static str,
        secret: impl Into<String>,
    ) -> Result<Self, ConfigurationError> {
        let secret = Self::opaque(name, secret)?;
        if !secret.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigurationError::new(format!(
                "{name} holds characters that no header can carry"
            )));
        }
        Ok(secret)
    }

    /// A secret that stands in no header as it is, so that any text will do.
    ///
    /// # Errors
    /// [`ConfigurationError`] when it is empty.
    pub fn opaque(
        name: &'static str,
        secret: impl Into<String>,
    ) -> Result<Self, ConfigurationError> {
        let secret = secret.into();
        if secret.is_empty() {
            return Err(ConfigurationError::new(format!("{name} is empty")));
        }
        Ok(Self(secret))
    }

    /// The secret itself, for the one header it belongs in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
