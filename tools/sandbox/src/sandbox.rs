//! A sandbox beside your code, on a thread of its own.

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

/// Room for bodies of the greatest depth, in debug builds too.
const STACK: usize = 8 * 1024 * 1024;

/// A running sandbox. It stops when it is dropped.
///
/// It has a thread and a runtime of its own, so that it can be used from synchronous code, inside
/// another runtime, and from other languages.
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
    /// Starts a sandbox, and returns once it can be called.
    ///
    /// # Errors
    ///
    /// When the host is not known, the port is taken, or the thread cannot be made.
    pub fn start(config: Config) -> io::Result<Self> {
        Self::start_with(config, Options::default())
    }

    /// The same, for a tenant that behaves as the options say.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::start`].
    pub fn start_with(config: Config, options: Options) -> io::Result<Self> {
        let server = Server::bind_with(config, options)?;
        let (url, port, shared) = (server.url(), server.port(), server.shared().clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("cognigy-sandbox".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                // Dropping the sender stops it as well as sending does.
                let shutdown = async { stopped.await.unwrap_or_default() };
                let _ = runtime.block_on(server.serve(shutdown));
            })?;
        Ok(Self { url, port, shared, running: Mutex::new(Some(Running { stop, thread })) })
    }

    /// Where it is: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn shared(&self) -> &SharedTenant {
        &self.shared
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it and waits until it has stopped: one second at most for requests under way.
    /// Stopping twice is the same as stopping once.
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

/// Runs a sandbox in the foreground: calls `on_ready` with its URL once it can be called, then
/// returns soon after `should_stop` returns `true`, which it calls twenty times a second.
///
/// # Errors
///
/// As [`Sandbox::start`].
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
        thread::sleep(Duration::from_millis(50));
    }
    sandbox.stop();
    Ok(())
}
