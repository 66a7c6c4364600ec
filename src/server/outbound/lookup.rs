//! Where a name leads: asked once a connection, judged, and exactly what was judged is dialled.

use std::{io, net::SocketAddr, sync::Arc};

use futures_util::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Refused, address::kept_out};

/// Whoever knows where names lead.
pub trait Lookup: Send + Sync + 'static {
    fn addresses(&self, host: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// As the machine knows it.
#[derive(Clone, Copy, Debug)]
pub struct OfTheSystem;

impl Lookup for OfTheSystem {
    fn addresses(&self, host: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        // The port is that of the address that is called.
        Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), 0)).await?.collect()) })
    }
}

/// Looks a name up for the client, which dials nothing but what it gives.
pub struct Guarded {
    pub lookup: Arc<dyn Lookup>,
    pub allowed: Vec<IpNet>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let (found, allowed) = (self.lookup.addresses(host.clone()), self.allowed.clone());
        Box::pin(async move {
            let found = found.await.unwrap_or_default();
            if found.is_empty() {
                return Err(Refused::Unknown(host).into());
            }
            // One of them is enough: a name that leads inside as well is no honest name of the outside.
            if let Some((address, kind)) = found.iter().find_map(|found| Some((found.ip(), kept_out(found.ip(), &allowed)?))) {
                tracing::warn!(host, %address, kind, "a name that somebody entered leads to an address that is kept out");
                return Err(Refused::Inner { host, kind }.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The same for a host that the operator named: it leads wherever it leads.
pub struct Trusting(pub Arc<dyn Lookup>);

impl Resolve for Trusting {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let found = self.0.addresses(host.clone());
        Box::pin(async move {
            let found = found.await.unwrap_or_default();
            if found.is_empty() { Err(Refused::Unknown(host).into()) } else { Ok(Box::new(found.into_iter()) as Addrs) }
        })
    }
}
