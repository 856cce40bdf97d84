use crate::support::Tenant;
use cognigy_context_sandbox::{Config, Sandbox, Server, banner, run_blocking};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Starts a sandbox with a key that no other sandbox accepts.
fn start_with_key(api_key: &str) -> Sandbox {
    Sandbox::start(Config { api_key: api_key.into(), ..Config::default() }).unwrap()
}

/// Returns whether a sandbox with this key responds on the port. Another sandbox can use the port after
/// a stop.
fn is_responding(port: u16, api_key: &str) -> bool {
    let read_response = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let head = format!("GET /new/v2.0/profiles HTTP/1.1\r\nHost: x\r\nX-API-Key: {api_key}");
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response)?;
        std::io::Result::Ok(response)
    };
    read_response().is_ok_and(|response| response.starts_with(b"HTTP/1.1 200 "))
}

#[test]
fn a_sandbox_runs_in_synchronous_code_and_can_be_stopped_twice() {
    let sandbox = start_with_key("stops-twice");
    assert_eq!(sandbox.url(), format!("http://127.0.0.1:{}", sandbox.port()));
    assert!(is_responding(sandbox.port(), "stops-twice"));
    sandbox.stop();
    sandbox.stop();
    assert!(!is_responding(sandbox.port(), "stops-twice"));
}

#[test]
fn dropping_a_sandbox_stops_it() {
    let sandbox = start_with_key("dropped");
    let port = sandbox.port();
    assert!(is_responding(port, "dropped"));
    drop(sandbox);
    assert!(!is_responding(port, "dropped"));
}

#[test]
fn a_port_in_use_is_an_error() {
    let first = Sandbox::start(Config::default()).unwrap();
    Sandbox::start(Config { port: first.port(), ..Config::default() }).unwrap_err();
}

#[test]
fn run_blocking_returns_when_should_stop_returns_true() {
    let mut url = String::new();
    let mut polls = 0;
    run_blocking(
        Config::default(),
        |ready_url| url.push_str(ready_url),
        || {
            polls += 1;
            polls > 2
        },
    )
    .unwrap();
    assert!(url.starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn stopping_aborts_a_slow_request() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"latencyMs": 600_000, "pathPrefix": "/slow"})).await;
    let slow = tokio::spawn(tenant.request(reqwest::Method::GET, "/slow").send());
    while tenant.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    let sandbox = tenant.sandbox;
    tokio::task::spawn_blocking(move || sandbox.stop()).await.unwrap();
    // The response would take minutes; the connection is closed instead.
    slow.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_server_runs_in_the_runtime_of_the_caller() {
    let server = Server::bind(Config::default()).unwrap();
    let url = server.url();
    let (stop_sender, stop_receiver) = tokio::sync::oneshot::channel::<()>();
    let server_task = tokio::spawn(server.serve(async { stop_receiver.await.unwrap_or_default() }));
    let response = reqwest::get(format!("{url}/_sandbox/health")).await.unwrap();
    assert_eq!(response.text().await.unwrap(), r#"{"status":"ok"}"#);
    stop_sender.send(()).unwrap();
    server_task.await.unwrap().unwrap();
}

#[test]
fn the_banner_contains_the_url_the_key_and_every_api_family() {
    let text = banner(&Config::default(), "http://127.0.0.1:8900");
    for part in [
        "http://127.0.0.1:8900",
        "sandbox-key",
        "context/inject",
        "/_sandbox/sessions/my-session",
        "/new/v2.0/sessions",
        "/api/v1/sessions/ID/context",
        "/api/v2/sessions/ID/context",
        "/api/v2/botsessions/ID/variables",
        "/runtime/v2/dialogs/ID/state",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn the_commands_of_the_banner_succeed_in_order() {
    let tenant = Tenant::start();
    let text = banner(&Config::default(), tenant.sandbox.url());
    let joined = text.replace("\\\n", " ");
    let mut statuses = Vec::new();
    for command in joined.split("  curl ").skip(1) {
        let command = command.split("\n\n").next().unwrap();
        let url = command.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        let method =
            command.strip_prefix("-X ").map_or("GET", |rest| rest.split(' ').next().unwrap());
        let mut request = tenant.http.request(method.parse().unwrap(), url);
        if command.contains("X-API-Key") {
            request = request.header("X-API-Key", "sandbox-key");
        }
        if let Some((_, body)) = command.split_once("-d '") {
            request = request.body(body.trim_end().trim_end_matches('\'').to_owned());
        }
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 201]);
}

#[test]
fn the_help_lists_every_api_family() {
    let program = env!("CARGO_BIN_EXE_cognigy-context-sandbox");
    let help = std::process::Command::new(program).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for part in ["/new/v2.0/", "/api/v1/", "/api/v2/sessions", "botsessions", "/runtime/v2/"] {
        assert!(text.contains(part), "{part}");
    }
}

#[cfg(unix)]
#[test]
fn the_program_prints_its_url_and_exits_cleanly_on_a_signal() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    for signal in ["-INT", "-TERM"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cognigy-context-sandbox"))
            .args(["--port", "0", "--api-key", "mine", "--create-sessions", "--no-record"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(program.stdout.take().unwrap());
        let mut text = String::new();
        while !text.contains("Ctrl-C") {
            assert_ne!(out.read_line(&mut text).unwrap(), 0, "the program ended early: {text}");
        }
        assert!(text.contains("mine"));
        let id = program.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(program.wait().unwrap().success());
        out.read_to_string(&mut text).unwrap();
    }
}
