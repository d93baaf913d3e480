//! A PostgreSQL server: where it is, what is told of it, and a way there by TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use postgres::{Client, Config, Socket};
use rustls::ClientConfig;
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;

use crate::frontier::db::value::Trouble;

/// The schema that is used unless the address names one.
const SCHEMA: &str = "copydesk";
/// Time to a connection, and time that sent bytes may stay unanswered.
const CONNECT: Duration = Duration::from_secs(5);
const UNANSWERED: Duration = Duration::from_secs(30);

/// Where a shared state is. Its password is never shown.
#[derive(Debug, Clone)]
pub struct Server {
    config: Config,
    shown: String,
    schema: String,
}

impl Server {
    /// Reads `postgres://user:password@host:port/database?…`. Without a password, `PGPASSWORD` of the environment is taken.
    ///
    /// # Errors
    /// What is wrong with it, in words without its password.
    pub fn parse(url: &str) -> Result<Self, String> {
        use std::error::Error as _;
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("it does not begin with postgres://".to_owned());
        }
        let mut config: Config = url.parse().map_err(|e: postgres::Error| e.source().map_or_else(|| e.to_string(), ToString::to_string))?;
        let schema = config
            .get_options()
            .and_then(|options| options.split_once("search_path="))
            .map_or(SCHEMA, |(_, rest)| rest.split([' ', ',']).next().unwrap_or_default());
        if !schema.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            || !schema.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err("its search_path is no name of small letters, digits and _".to_owned());
        }
        let schema = schema.to_owned();
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.keepalives_idle(UNANSWERED).tcp_user_timeout(UNANSWERED).application_name("copydesk");
        // Where TLS is not asked for it would depend on the server whether its certificate is held against anything.
        if config.get_ssl_mode() != SslMode::Require {
            config.ssl_mode(SslMode::Disable);
        }
        let shown = shown(&config, &schema);
        Ok(Self { config, shown, schema })
    }

    /// As people are told of it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The schema that the tables are in.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn connect(&self) -> Result<Client, Trouble> {
        Ok(self.config.connect(MakeTls)?)
    }
}

/// Host, port, database and schema; no user and no password.
fn shown(config: &Config, schema: &str) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    let port = config.get_ports().first().map_or_else(String::new, |port| format!(":{port}"));
    let database = config.get_dbname().map_or_else(String::new, |name| format!("/{name}"));
    let schema = if schema == SCHEMA { String::new() } else { format!(" ({schema})") };
    format!("postgres://{}{port}{database}{schema}", hosts.join(","))
}

/// Makes the way by TLS, where the address says `sslmode=require`: the server's certificate has to be trusted by this machine.
struct MakeTls;

impl MakeTlsConnect<Socket> for MakeTls {
    type Stream = Tls;
    type TlsConnect = Way;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Way, InvalidDnsNameError> {
        Ok(Way(ServerName::try_from(domain.to_owned())?))
    }
}

/// The way to one server.
struct Way(ServerName<'static>);

impl TlsConnect<Socket> for Way {
    type Stream = Tls;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Tls>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(rustls::ConfigBuilder::with_platform_verifier)
                .map_err(io::Error::other)?;
            let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
            Ok(Tls(Box::new(connector.connect(self.0, stream).await?)))
        })
    }
}

/// A connection by TLS.
struct Tls(Box<tokio_rustls::client::TlsStream<Socket>>);

impl TlsStream for Tls {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Tls {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Tls {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url = "postgres://desk:s3cret@db.example:5433/news?options=-csearch_path%3Ddaily";
        let server = Server::parse(url).unwrap();
        assert_eq!((server.shown(), server.schema()), ("postgres://db.example:5433/news (daily)", "daily"));
        assert!(!format!("{server:?}").contains("s3cret"));
        assert_eq!(Server::parse("postgres://desk@db.example/news").unwrap().schema(), SCHEMA);
        for wrong in [
            "mysql://desk:s3cret@db.example/news",
            "postgres://desk:s3cret@db.example:port/news",
            "postgres://desk:s3cret@db.example/news?frobnicate=1",
            "postgres://desk:s3cret@db.example/news?options=-csearch_path%3D\"a;b\"",
        ] {
            let told = Server::parse(wrong).unwrap_err();
            assert!(!told.contains("s3cret"), "{told}");
        }
    }
}
