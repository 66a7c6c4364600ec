//! The store that the configuration names, and how long it is waited for.

use std::{sync::Arc, time::Duration};

use object_store::{
    ClientOptions, ObjectStore, RetryConfig,
    aws::AmazonS3Builder,
    client::{HttpClient, HttpConnector},
    local::LocalFileSystem,
};

use crate::server::config::{Assets, StoreKind};

/// For a connection, and for each next piece of an answer.
const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(20);
/// How often a request is sent again that failed on the way, and until when.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(15);

/// # Errors
/// What cannot be used.
pub fn open(assets: &Assets) -> Result<Arc<dyn ObjectStore>, String> {
    match assets.store {
        StoreKind::Local => folder(assets),
        StoreKind::S3 => bucket(assets),
    }
}

/// Written under another name, synced and renamed, so that a power cut leaves no half of a file.
fn folder(assets: &Assets) -> Result<Arc<dyn ObjectStore>, String> {
    let folder = assets.directory.as_deref().ok_or("assets.directory is not set")?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| error.to_string())?;
    Ok(Arc::new(store.with_fsync(true).with_automatic_cleanup(true)))
}

fn bucket(assets: &Assets) -> Result<Arc<dyn ObjectStore>, String> {
    let mut builder = AmazonS3Builder::new()
        .with_region(&assets.region)
        .with_bucket_name(&assets.bucket)
        .with_access_key_id(&assets.access_key_id)
        .with_secret_access_key(&assets.secret_access_key)
        .with_retry(RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_FOR, ..RetryConfig::default() })
        .with_http_connector(Connector);
    if let Some(endpoint) = &assets.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/')).with_allow_http(endpoint.scheme() == "http");
    }
    let store = builder.build().map_err(|error| error.to_string())?;
    Ok(Arc::new(store))
}

/// The console's own kind of client: no redirects, no proxy from the environment, and a patience that ends. The total
/// time is open: a large file takes as long as whoever fetches it.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(READ)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // What is stored is given back byte by byte.
            .no_gzip()
            .user_agent(concat!("stoa/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}
