//! The command-line program: `cognigy-context-sandbox --port 8900`.

use clap::{ArgAction, Parser};
use cognigy_context_sandbox::{Config, Options, Sandbox, banner};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

const FAMILIES: &str = "\
API families:
  /new/v2.0/sessions, /new/v2.0/profiles     use the platform's own routes
  /api/v1/sessions/{id}/context              read and write context documents
  /api/v2/sessions/{id}/context              inject variables
  /api/v2/botsessions/{id}/variables         retrieve variables
  /runtime/v2/dialogs/{id}/state             read and update dialog states
  /_sandbox                                  seed data, read it back, inject faults

The platform's own routes create sessions on first use. For the other routes, seed sessions and
dialogs first, or set --create-sessions.";

/// Runs a local Cognigy tenant for development and tests: routes, limits and failures over HTTP.
#[derive(Parser)]
#[command(
    version,
    verbatim_doc_comment, // Keeps the period, here and below.
    disable_help_flag = true,
    disable_version_flag = true,
    after_help = FAMILIES
)]
struct Arguments {
    /// Port to listen on; 0 selects a free port.
    #[arg(long, default_value_t = 8900, verbatim_doc_comment)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value_t = Config::default().host, verbatim_doc_comment)]
    host: String,
    /// Accepted API key.
    #[arg(long, default_value_t = Config::default().api_key, verbatim_doc_comment)]
    api_key: String,
    /// Accepted OAuth2 client id.
    #[arg(long, default_value_t = Config::default().client_id, verbatim_doc_comment)]
    client_id: String,
    /// Accepted OAuth2 client secret.
    #[arg(long, default_value_t = Config::default().client_secret, verbatim_doc_comment)]
    client_secret: String,
    /// Maximum size of a context, in platform bytes.
    #[arg(long, default_value_t = Config::default().context_limit, verbatim_doc_comment)]
    context_limit: usize,
    /// Maximum request body of the platform's own routes, in bytes.
    #[arg(long, default_value_t = Config::default().body_limit, verbatim_doc_comment)]
    body_limit: usize,
    /// Lifetime of an access token, in seconds.
    #[arg(long, default_value_t = Config::default().token_lifetime.as_secs(), verbatim_doc_comment)]
    token_lifetime: u64,
    /// Create sessions and dialogs on first use.
    #[arg(long, verbatim_doc_comment)]
    create_sessions: bool,
    /// Count requests without logging them.
    #[arg(long, verbatim_doc_comment)]
    no_record: bool,
    /// Print this help.
    #[arg(short = 'h', long = "help", action = ArgAction::Help, verbatim_doc_comment)]
    _help: Option<bool>,
    /// Print the version.
    #[arg(short = 'V', long = "version", action = ArgAction::Version, verbatim_doc_comment)]
    _version: Option<bool>,
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program writes to its user")]
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

fn run(config: Config, options: Options, print: impl FnOnce(&str)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Registers the signal handlers before the banner reports that the sandbox is ready.
        let stop_signal = stop_signal()?;
        let sandbox = Sandbox::start_with(config.clone(), options)?;
        print(&banner(&config, sandbox.url()));
        stop_signal.await;
        sandbox.stop();
        Ok(())
    })
}

/// Returns a future that completes on Ctrl-C or a termination signal.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
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

/// Returns a future that completes on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}
