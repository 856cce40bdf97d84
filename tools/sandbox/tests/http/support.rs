//! A tenant for tests, with helpers to send requests.

use cognigy_context_sandbox::{Config, Options, Sandbox};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A sandbox and an HTTP client for one test.
pub(crate) struct Tenant {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
}

impl Tenant {
    /// Starts a sandbox with the default configuration and options.
    pub(crate) fn start() -> Self {
        Self::with_config(Config::default())
    }

    pub(crate) fn with_config(config: Config) -> Self {
        Self { sandbox: Sandbox::start(config).unwrap(), http: Client::new() }
    }

    pub(crate) fn with_options(options: Options) -> Self {
        let sandbox = Sandbox::start_with(Config::default(), options).unwrap();
        Self { sandbox, http: Client::new() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    /// Creates a request without credentials.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// Creates a request with the API key.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).header("X-API-Key", "sandbox-key")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Response {
        self.request(Method::PUT, path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        self.request(Method::PATCH, path).json(&body).send().await.unwrap()
    }

    /// Sends a request with `If-Match`.
    pub(crate) async fn send_if_match(
        &self,
        etag: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Response {
        self.request(method, path).header("If-Match", etag).json(&body).send().await.unwrap()
    }

    /// Sends a request over a TCP connection and returns all received bytes, also if the server resets the
    /// connection. `head` contains the request line and headers; the API key and the required headers are
    /// added.
    pub(crate) fn send_raw(&self, head: &[&str]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.sandbox.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = head.join("\r\n");
        let common_headers = "Host: x\r\nX-API-Key: sandbox-key\r\nConnection: close\r\n\r\n";
        stream.write_all(format!("{head}\r\n{common_headers}").as_bytes()).unwrap();
        let mut response = Vec::new();
        match stream.read_to_end(&mut response) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        response
    }

    /// Posts a text with the JSON content type. The text need not be JSON.
    pub(crate) async fn post_text(&self, path: &str, body: impl Into<String>) -> Response {
        self.request(Method::POST, path)
            .header("Content-Type", "application/json")
            .body(body.into())
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await.unwrap()
    }

    /// Injects into the context of the session `s` through `/new/v2.0`, checks the status 200 and returns the
    /// text of the response.
    pub(crate) async fn inject(&self, context: Value) -> String {
        let body = serde_json::json!({"userId": "u", "context": context});
        let response = self.post(INJECT, body).await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    /// Adds a fault.
    pub(crate) async fn add_fault(&self, fault: Value) {
        assert_eq!(self.post("/_sandbox/faults", fault).await.status(), 201);
    }

    /// Returns the values of one field over all logged requests.
    pub(crate) async fn logged_values(&self, field: &str) -> Vec<Value> {
        let log = json(self.get("/_sandbox/requests").await).await;
        log["requests"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    }
}

/// The inject route of the session `s`.
pub(crate) const INJECT: &str = "/new/v2.0/sessions/s/context/inject";

/// Returns the `ETag` of a response; panics without one.
pub(crate) fn etag(response: &Response) -> String {
    response.headers()["etag"].to_str().unwrap().to_owned()
}

/// Returns the paths of the details of a problem, in order.
pub(crate) fn detail_paths(problem: &Value) -> Vec<&str> {
    let details = problem["details"].as_array().unwrap();
    details.iter().map(|detail| detail["path"].as_str().unwrap()).collect()
}

/// Returns the JSON body of a response.
pub(crate) async fn json(response: Response) -> Value {
    response.json().await.unwrap()
}

/// Checks that a response is a problem with this status and code, and returns the problem.
pub(crate) async fn problem(response: Response, status: u16, code: u16) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let path = response.url().path().to_owned();
    let problem = json(response).await;
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["instance"], path.as_str());
    for field in ["type", "title", "detail", "traceId"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
    }
    problem
}
