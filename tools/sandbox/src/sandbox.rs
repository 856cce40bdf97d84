//! A sandbox in a background thread.

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

/// The stack of the thread. Bodies of the maximum depth need it in debug builds.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// The interval of the calls of `should_stop`.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A running sandbox. It stops when it is dropped.
///
/// A sandbox has its own thread and runtime, so it works in synchronous code, inside another runtime
/// and from other languages.
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
    shared: SharedTenant,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox. Returns when the sandbox accepts requests.
    ///
    /// # Errors
    ///
    /// The host is unknown, the port is in use, or the thread cannot be created.
    pub fn start(config: Config) -> io::Result<Self> {
        Self::start_with(config, Options::default())
    }

    /// Starts a sandbox with options. Returns when the sandbox accepts requests.
    ///
    /// # Errors
    ///
    /// The same as for [`Sandbox::start`].
    pub fn start_with(config: Config, options: Options) -> io::Result<Self> {
        let server = Server::bind_with(config, options)?;
        let (url, port, shared) = (server.url(), server.port(), server.shared().clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("cognigy-sandbox".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // The server also stops when the sender is dropped.
                let shutdown = async { stopped.await.unwrap_or_default() };
                let _ = runtime.block_on(server.serve(shutdown));
            })?;
        Ok(Self { url, port, shared, running: Mutex::new(Some(Running { stop, thread })) })
    }

    /// Returns the URL, without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn shared(&self) -> &SharedTenant {
        &self.shared
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the sandbox. Waits up to one second for requests in progress. A second call has no effect.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { stop, thread }) = running {
            let _ = stop.send(());
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

/// Runs a sandbox in the foreground until `should_stop` returns `true`.
///
/// Calls `on_ready` with the URL when the sandbox accepts requests. Calls `should_stop` every 50 ms.
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
