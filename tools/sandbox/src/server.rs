//! The HTTP server and its connections.

use crate::app::app;
use crate::config::Config;
use crate::faults::DropConnection;
use crate::options::Options;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// The time that requests in progress have after a stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// The wait after a connection could not be accepted.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);

/// A sandbox that listens but does not serve yet, for use in an existing runtime.
///
/// # Example
///
/// ```no_run
/// use cognigy_context_sandbox::{Config, Server};
///
/// # async fn example() -> std::io::Result<()> {
/// let server = Server::bind(Config::default())?;
/// println!("{}", server.url());
/// server.serve(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await
/// # }
/// ```
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared_tenant: SharedTenant,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Listens on the configured host and port. Connections wait until [`Server::serve`] runs.
    ///
    /// # Errors
    ///
    /// The server cannot listen, for example because the host is unknown or the port is in use.
    pub fn bind(config: Config) -> io::Result<Self> {
        Self::bind_with(config, Options::default())
    }

    /// Listens on the configured host and port, with options for the tenant.
    ///
    /// # Errors
    ///
    /// The same as for [`Server::bind`].
    pub fn bind_with(config: Config, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((config.host.as_str(), config.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, shared_tenant: SharedTenant::new(config, options) })
    }

    /// Returns the URL for clients on this machine. With the default host it is `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.port()))
    }

    /// Returns the port. If the configured port is 0, returns the selected port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Config {
        self.shared_tenant.config()
    }

    pub(crate) fn shared_tenant(&self) -> &SharedTenant {
        &self.shared_tenant
    }

    /// Serves requests until `shutdown` completes, then waits up to one second for requests in progress.
    /// Requires a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// The runtime cannot use the listener.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let app = app(self.shared_tenant);
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve_connection(stream, app.clone(), &graceful));
                    }
                    // A transient error, for example too many open files.
                    Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
        connections.shutdown().await;
        Ok(())
    }
}

/// Serves requests on the configured host and port until `shutdown` completes, then waits up to one second
/// for requests in progress. For port 0, use [`Server`]: [`Server::port`] returns the selected port.
///
/// # Errors
///
/// The server cannot listen, for example because the host is unknown or the port is in use.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    Server::bind(config)?.serve(shutdown).await
}

/// Serves one connection until its end. For a response marked with [`DropConnection`] the service
/// fails, which closes the connection without a response.
fn serve_connection(
    stream: TcpStream,
    app: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        async move {
            let response = app.oneshot(request).await.unwrap_or_else(|never| match never {});
            if response.extensions().get::<DropConnection>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            }
            Ok(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    async move {
        // A broken connection affects only its caller.
        let _ = connection.await;
    }
}
