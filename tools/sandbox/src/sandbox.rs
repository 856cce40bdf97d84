//! Runs a sandbox (a local Cognigy tenant over HTTP) in a background thread.

use crate::config::Config;
use crate::options::Options;
use crate::server::Server;
use crate::tenant::SharedTenant;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;

/// The stack size of the thread, in bytes. In debug builds, request bodies of the maximum nesting need a
/// stack this large.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// The time between two calls of `should_stop`.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A running sandbox: a local HTTP server that behaves like a tenant of the platform, for development and
/// tests. Its data is in memory.
///
/// A sandbox has its own thread and its own asynchronous runtime (Tokio). It therefore works in synchronous
/// code, inside another runtime and from other languages.
///
/// Dropping the sandbox stops it, like [`Sandbox::stop`], and therefore can block for up to one second.
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::{Config, Sandbox};
///
/// # fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start(Config { api_key: "mine".into(), ..Config::default() })?;
/// assert_eq!(sandbox.url(), format!("http://127.0.0.1:{}", sandbox.port()));
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    url: String,
    port: u16,
    shared_tenant: SharedTenant,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop_sender: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the default [`Options`]. Returns when the sandbox accepts requests.
    ///
    /// # Errors
    ///
    /// The sandbox cannot listen, for example because the host is unknown or the port is in use; or the
    /// runtime or the thread cannot be created.
    pub fn start(config: Config) -> io::Result<Self> {
        Self::start_with(config, Options::default())
    }

    /// Starts a sandbox with a configuration, which stays the same while it runs, and with initial options,
    /// which can be changed later. Returns when the sandbox accepts requests.
    ///
    /// # Errors
    ///
    /// The same as for [`Sandbox::start`].
    pub fn start_with(config: Config, options: Options) -> io::Result<Self> {
        let server = Server::bind_with(config, options)?;
        let (url, port, shared_tenant) =
            (server.url(), server.port(), server.shared_tenant().clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop_sender, stop_receiver) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("cognigy-sandbox".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // The server also stops when the sender is dropped.
                let shutdown = async { stop_receiver.await.unwrap_or_default() };
                // `serve` fails only if it cannot register the listener. No caller waits for this result;
                // requests to the sandbox then fail.
                let _ = runtime.block_on(server.serve(shutdown));
            })?;
        let running = Mutex::new(Some(Running { stop_sender, thread }));
        Ok(Self { url, port, shared_tenant, running })
    }

    /// Returns the URL for clients on this machine, without a trailing slash. With the default host it is
    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the configuration and data of the sandbox.
    pub(crate) fn shared_tenant(&self) -> &SharedTenant {
        &self.shared_tenant
    }

    /// Returns the port that the sandbox listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the sandbox. Waits up to one second for requests in progress, and then aborts them. Calling it
    /// again has no effect.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { stop_sender, thread }) = running {
            let _ = stop_sender.send(());
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a sandbox and blocks the calling thread until `should_stop` returns `true`.
///
/// Calls `on_ready` once with the URL when the sandbox accepts requests. Then calls `should_stop` every 50 ms.
///
/// # Errors
///
/// The same as for [`Sandbox::start`].
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::{Config, run_blocking};
///
/// # fn main() -> std::io::Result<()> {
/// // A program would return `true` after a signal; this example stops at once.
/// run_blocking(Config::default(), |url| println!("listening on {url}"), || true)
/// # }
/// ```
pub fn run_blocking(
    config: Config,
    on_ready: impl FnOnce(&str),
    mut should_stop: impl FnMut() -> bool,
) -> io::Result<()> {
    let sandbox = Sandbox::start(config)?;
    on_ready(sandbox.url());
    while !should_stop() {
        thread::sleep(POLL_INTERVAL);
    }
    sandbox.stop();
    Ok(())
}
