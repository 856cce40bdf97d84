//! The command-line program: `cognigy-context-sandbox --port 8900`.

use clap::{ArgAction, Parser};
use cognigy_context_sandbox::{Config, Options, Sandbox, banner};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

const ROUTES: &str = "\
Routes:
  /new/v2.0/sessions, /new/v2.0/profiles     inject contexts, manage profiles
  /api/v1/sessions/{id}/context              read and write context documents
  /api/v2/sessions/{id}/context              inject variables
  /api/v2/botsessions/{id}/variables         retrieve variables
  /runtime/v2/dialogs/{id}/state             read and update dialog states
  /_sandbox                                  seed data, read it back, inject faults

The routes /new/v2.0/sessions create sessions on first use. For the other routes, seed sessions and
dialogs first, or set --create-sessions.";

// The texts are attributes, because clap removes the period of a doc comment.
#[derive(Parser)]
#[command(
    version,
    about = "Runs a local Cognigy tenant for development and tests over HTTP.",
    disable_help_flag = true,
    disable_version_flag = true,
    after_help = ROUTES
)]
struct Arguments {
    #[arg(long, default_value_t = 8900, help = "Port to listen on; 0 selects a free port.")]
    port: u16,
    #[arg(long, default_value_t = Config::default().host, help = "Address to listen on.")]
    host: String,
    #[arg(long, default_value_t = Config::default().api_key, help = "Accepted API key.")]
    api_key: String,
    #[arg(long, default_value_t = Config::default().client_id, help = "Accepted OAuth2 client id.")]
    client_id: String,
    #[arg(
        long,
        default_value_t = Config::default().client_secret,
        help = "Accepted OAuth2 client secret."
    )]
    client_secret: String,
    #[arg(
        long,
        default_value_t = Config::default().context_limit,
        help = "Maximum size of a context, in platform bytes."
    )]
    context_limit: usize,
    #[arg(
        long,
        default_value_t = Config::default().body_limit,
        help = "Maximum request body of the routes /new/v2.0, in bytes."
    )]
    body_limit: usize,
    #[arg(
        long,
        default_value_t = Config::default().token_lifetime.as_secs(),
        help = "Lifetime of an access token, in seconds."
    )]
    token_lifetime: u64,
    #[arg(long, help = "Create sessions and dialogs on first use.")]
    create_sessions: bool,
    #[arg(long, help = "Count requests without logging them.")]
    no_record: bool,
    #[arg(short = 'h', long = "help", action = ArgAction::Help, help = "Print this help.")]
    _help: Option<bool>,
    #[arg(short = 'V', long = "version", action = ArgAction::Version, help = "Print the version.")]
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
            eprintln!(
                "Cannot listen on {address}: {error}. Choose another address with --host or --port."
            );
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
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut termination = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = termination.recv() => {}
        }
    })
}

/// Returns a future that completes on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}
