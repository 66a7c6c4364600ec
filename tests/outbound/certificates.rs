//! Over TLS, as everyone but the operator's own hosts is called: by the real program, with the authorities of its system.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use stoa::server::proof;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
    server::TlsStream,
};

use crate::support::{Console, Folder, Node};

/// An https server of this machine, by the name of `localhost`, and the certificate of whoever vouches for it.
struct Server {
    url: String,
    authority: String,
    got: Arc<Mutex<Vec<Bytes>>>,
}

impl Server {
    async fn open() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).expect("an authority").pem();
        let (issuer, key) = (Issuer::new(params, key), KeyPair::generate().expect("a key"));
        let named = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = named.signed_by(&key, &issuer).expect("a certificate");
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private).expect("a server");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://localhost:{}/checkpoints", listener.local_addr().expect("an address").port());
        let got: Arc<Mutex<Vec<Bytes>>> = Arc::default();
        let kept = got.clone();
        let router = Router::new().route(
            "/checkpoints",
            post(move |body: Bytes| async move {
                kept.lock().expect("bodies").push(body);
                StatusCode::NO_CONTENT
            }),
        );
        let listener = Tls { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, authority, got }
    }
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else { continue };
            // Whoever does not trust the certificate is gone again.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_called_whose_certificate_an_authority_of_the_system_vouches_for() {
    let server = Server::open().await;
    let console = Console::start().await;
    console.team("Acme").await;
    proof::seal_now(&console.stoa).await.expect("sealed");
    // The network alone is allowed: it is called like anybody's, over TLS.
    let settings = [("STOA_OUTBOUND__ALLOWED", "127.0.0.0/8,::1/128"), ("STOA_AUDIT__WITNESS_URL", server.url.as_str())];
    let stranger = Node::start_with(&console, &settings);
    stranger.until(|node| node.said().contains("certificate"), "it says that it does not trust the certificate").await;
    assert_eq!(server.got.lock().expect("bodies").len(), 0);
    stranger.stop();

    let folder = Folder::with("authority.pem", &server.authority);
    let file = folder.path().join("authority.pem");
    let trusting = Node::start_with(&console, &[settings[0], settings[1], ("SSL_CERT_FILE", file.to_str().expect("a path"))]);
    trusting.until(|_| !server.got.lock().expect("bodies").is_empty(), "checkpoints are handed over").await;
    let text = String::from_utf8(server.got.lock().expect("bodies")[0].to_vec()).expect("text");
    let logs = console.database.count("select count(*) from audit_log_head where signed_size > 0").await;
    assert_eq!(i64::try_from(proof::notes(&text).len()), Ok(logs));
}
