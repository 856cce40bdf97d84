//! A tenant under test, and short ways to call it.

use cognigy_context_sandbox::{Config, Options, Sandbox};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A sandbox of its own for each test.
pub(crate) struct Tenant {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
}

impl Tenant {
    pub(crate) fn start() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self { sandbox: Sandbox::start(config).unwrap(), http: Client::new() }
    }

    pub(crate) fn behaving(options: Options) -> Self {
        let sandbox = Sandbox::start_with(Config::default(), options).unwrap();
        Self { sandbox, http: Client::new() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    /// A request without a key.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A request with the API key.
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

    /// Sends a body under `If-Match`.
    pub(crate) async fn under(
        &self,
        tag: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Response {
        self.request(method, path).header("If-Match", tag).json(&body).send().await.unwrap()
    }

    /// Sends a request over a bare connection, and gives whatever comes back before the connection
    /// is closed. The lines are those of the head; the key and what HTTP needs are added.
    pub(crate) fn raw(&self, head: &[&str]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.sandbox.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = head.join("\r\n");
        let rest = "Host: x\r\nX-API-Key: sandbox-key\r\nConnection: close\r\n\r\n";
        stream.write_all(format!("{head}\r\n{rest}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        answer
    }

    /// Posts a body that need not be JSON.
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

    /// Injects into the session `s`, which has to succeed, and gives the answer's text.
    pub(crate) async fn inject(&self, context: Value) -> String {
        let body = serde_json::json!({"userId": "u", "context": context});
        let response = self.post(INJECT, body).await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        assert_eq!(self.post("/_sandbox/faults", fault).await.status(), 201);
    }

    /// Returns the values of one field over all logged requests.
    pub(crate) async fn logged(&self, field: &str) -> Vec<Value> {
        let log = json(self.get("/_sandbox/requests").await).await;
        log["requests"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    }
}

/// The inject route of the session `s`.
pub(crate) const INJECT: &str = "/new/v2.0/sessions/s/context/inject";

/// Returns the `ETag` of a response.
pub(crate) fn tag(response: &Response) -> String {
    response.headers()["etag"].to_str().unwrap().to_owned()
}

/// Returns the paths of the details of a problem, in order.
pub(crate) fn places(problem: &Value) -> Vec<&str> {
    let details = problem["details"].as_array().unwrap();
    details.iter().map(|detail| detail["path"].as_str().unwrap()).collect()
}

pub(crate) async fn json(response: Response) -> Value {
    response.json().await.unwrap()
}

/// A problem document with this status and code.
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
