//! Listening, and the life of each connection.

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

/// How long requests in progress may take after a stop.
const GRACE: Duration = Duration::from_secs(1);

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
    shared: SharedTenant,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Takes the host and port of the settings. Connections wait until [`Server::serve`] runs.
    ///
    /// # Errors
    ///
    /// When the host is not known or the port is taken.
    pub fn bind(config: Config) -> io::Result<Self> {
        Self::bind_with(config, Options::default())
    }

    /// The same, for a tenant that behaves as the options say.
    ///
    /// # Errors
    ///
    /// As [`Server::bind`].
    pub fn bind_with(config: Config, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((config.host.as_str(), config.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, shared: SharedTenant::new(config, options) })
    }

    /// Where a client on this machine finds it: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.port()))
    }

    /// Returns the port, also if the settings selected a free one with 0.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The settings it was given.
    pub fn config(&self) -> &Config {
        self.shared.config()
    }

    pub(crate) fn shared(&self) -> &SharedTenant {
        &self.shared
    }

    /// Serves until `shutdown` completes; then requests in progress get one second to finish.
    /// Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// When the runtime cannot take over the listener.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let app = app(self.shared);
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(stream, app.clone(), &graceful));
                    }
                    // Such as too many open files: it passes.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
        connections.shutdown().await;
        Ok(())
    }
}

/// Answers at the host and port of the settings until `shutdown` is done. Use [`Server`] to learn
/// the port it found.
///
/// # Errors
///
/// When the host is not known or the port is taken.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    Server::bind(config)?.serve(shutdown).await
}

/// One connection, to its end. An answer that is marked as dropped becomes an error of the service,
/// on which the connection is closed with nothing sent.
fn connection(
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
