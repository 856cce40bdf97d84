//! The sandbox in the foreground: `cognigy-context-sandbox --port 8900`.

use clap::Parser;
use cognigy_context_sandbox::{Config, Options, Sandbox, banner};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

const FAMILIES: &str = "\
API families:
  /new/v2.0/sessions, /new/v2.0/profiles     the platform's own routes
  /api/v1/sessions/{id}/context              context documents; append variables
  /api/v2/sessions/{id}/context              inject variables
  /api/v2/botsessions/{id}/variables         retrieve variables
  /runtime/v2/dialogs/{id}/state             dialog state
  /_sandbox                                  seed data, read it back, inject faults

Except on the platform's own routes, sessions and dialogs must be seeded first, unless
--create-sessions is set.";

/// Run a local Cognigy tenant for development, with its routes, limits and failures, over HTTP.
#[derive(Parser)]
#[command(version, after_help = FAMILIES)]
struct Arguments {
    /// The port to listen on; 0 selects a free port
    #[arg(long, default_value_t = 8900)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value_t = Config::default().host)]
    host: String,
    /// The accepted API key
    #[arg(long, default_value_t = Config::default().api_key)]
    api_key: String,
    /// The accepted OAuth2 client id
    #[arg(long, default_value_t = Config::default().client_id)]
    client_id: String,
    /// The accepted OAuth2 client secret
    #[arg(long, default_value_t = Config::default().client_secret)]
    client_secret: String,
    /// The maximum size of a context, in platform bytes
    #[arg(long, default_value_t = Config::default().context_limit)]
    context_limit: usize,
    /// The maximum request body of the platform's own routes, in bytes
    #[arg(long, default_value_t = Config::default().body_limit)]
    body_limit: usize,
    /// The lifetime of an access token, in seconds
    #[arg(long, default_value_t = Config::default().token_lifetime.as_secs())]
    token_lifetime: u64,
    /// Create sessions and dialogs on first use
    #[arg(long)]
    create_sessions: bool,
    /// Count requests, but do not record them
    #[arg(long)]
    no_record: bool,
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = Config {
        host: arguments.host,
        port: arguments.port,
        api_key: arguments.api_key,
        client_id: arguments.client_id,
        client_secret: arguments.client_secret,
        context_limit: arguments.context_limit,
        body_limit: arguments.body_limit,
        token_lifetime: Duration::from_secs(arguments.token_lifetime),
        ..Config::default()
    };
    let options = Options {
        create_sessions: arguments.create_sessions,
        record_requests: !arguments.no_record,
        ..Options::default()
    };
    let address = format!("{}:{}", config.host, config.port);
    match run(config, options, |text| println!("{text}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Cannot listen on {address}: {error}. Choose another with --host or --port.");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config, options: Options, say: impl FnOnce(&str)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Registers the signal handlers before the banner reports that the sandbox is ready.
        let stopped = stopped()?;
        let sandbox = Sandbox::start_with(config.clone(), options)?;
        say(&banner(&config, sandbox.url()));
        stopped.await;
        sandbox.stop();
        Ok(())
    })
}

/// Completes on Ctrl-C or a termination signal.
#[cfg(unix)]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Done on Ctrl-C.
#[cfg(not(unix))]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}
