//! Names are resolved here and the connection is made to the address that was checked: a name that means another address a moment later changes
//! nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::net::addresses::is_allowed;
use crate::web::client_ip::Network;

/// A future of [`Lookup`].
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Resolves names.
pub trait Lookup: Send + Sync {
    /// The addresses of `host`.
    fn lookup(&self, host: String) -> LookupFuture;
}

/// The names that the system knows.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> LookupFuture {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name is not called. Carried through the client as the resolver's error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unresolved {
    /// It means an address that may not be called.
    #[error("the address is not on the public internet")]
    Address,
    /// It means none.
    #[error("the name is not known")]
    Name,
}

/// Resolves a name and lets only addresses through that may be called; one that may not refuses the name.
pub(crate) struct CheckedResolver {
    lookup: Arc<dyn Lookup>,
    allowed: Vec<Network>,
}

impl CheckedResolver {
    /// Of public addresses and those in `allowed`.
    pub(crate) fn new(lookup: Arc<dyn Lookup>, allowed: Vec<Network>) -> Self {
        Self { lookup, allowed }
    }

    /// Of the names that the system knows, and public addresses alone.
    pub(crate) fn public() -> Self {
        Self::new(Arc::new(SystemLookup), Vec::new())
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str().to_owned());
        let allowed = self.allowed.clone();
        Box::pin(async move {
            let found = found.await.map_err(|_| Unresolved::Name)?;
            if found.is_empty() {
                return Err(Unresolved::Name.into());
            }
            // A name with both kinds of addresses is somebody's attempt: none of them is called.
            if found.iter().any(|address| !is_allowed(*address, &allowed)) {
                return Err(Unresolved::Address.into());
            }
            // The client puts the port of the URL in place of 0.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}
