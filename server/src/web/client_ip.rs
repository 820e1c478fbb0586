//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use std::convert::Infallible;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::app::AppState;

/// A network of addresses: `10.0.0.0/8`, `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

impl Network {
    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let masked = |address: IpAddr| mask(address, self.prefix_bits);
        self.address.is_ipv4() == address.is_ipv4() && masked(address) == masked(self.address)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let wrong = || format!("{text:?} is no address and no network such as 10.0.0.0/8");
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => longest,
        };
        if prefix_bits > longest {
            return Err(wrong());
        }
        Ok(Self {
            address,
            prefix_bits,
        })
    }
}

/// `address` with all bits behind the first `prefix_bits` zero.
fn mask(address: IpAddr, prefix_bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let bits = u32::MAX.checked_shl(32 - prefix_bits.min(32)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & bits))
        }
        IpAddr::V6(v6) => {
            let bits = u128::MAX
                .checked_shl(128 - prefix_bits.min(128))
                .unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & bits))
        }
    }
}

/// What stands for one caller: an IPv4 address, or the /64 of an IPv6 address, which one connection has for itself.
pub fn one_caller(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        v6 @ IpAddr::V6(_) => mask(v6, 64),
    }
}

/// What stands for the caller of a request, see [`one_caller`].
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<AppState> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let address = client_ip(parts, &state.config.trusted_proxies);
        Ok(Self(one_caller(address)))
    }
}

/// The address of the caller: the peer's, or, behind proxies that are trusted, the last address of `X-Forwarded-For` that no
/// trusted proxy has. What stands in front of it was written by the caller and says nothing.
pub fn client_ip(parts: &Parts, trusted: &[Network]) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    // Without a socket (in-process) everybody is one caller.
    let mut client = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(address))
    };
    let headers = parts.headers.get_all("x-forwarded-for");
    let hops: Vec<&str> = headers
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in hops.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = address_of(hop.trim()) else {
            break;
        };
        client = address;
    }
    client.to_canonical()
}

/// An address as proxies write it, with and without a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let socket = || hop.parse::<SocketAddr>().map(|socket| socket.ip());
    hop.parse().or_else(|_| socket()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = axum::http::Request::get("/");
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let peer: SocketAddr = peer.parse().unwrap();
        parts.extensions.insert(ConnectInfo(peer));
        let trusted: Vec<Network> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        client_ip(&parts, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_their_own_peer() {
        assert_eq!(client("1.2.3.4:5", &["9.9.9.9"], &[]), "1.2.3.4");
        assert_eq!(
            client("1.2.3.4:5", &["9.9.9.9"], &["10.0.0.0/8"]),
            "1.2.3.4"
        );
        let proxy = "10.1.2.3:80";
        assert_eq!(client(proxy, &["9.9.9.9"], &["10.0.0.0/8"]), "9.9.9.9");
        assert_eq!(
            client(proxy, &["6.6.6.6, 9.9.9.9, 10.0.0.7"], &["10.0.0.0/8"]),
            "9.9.9.9",
            "what the caller wrote itself is not believed"
        );
        assert_eq!(
            client(proxy, &["6.6.6.6", "9.9.9.9:4711"], &["10.0.0.0/8"]),
            "9.9.9.9",
            "headers that were added are read as one"
        );
        assert_eq!(client(proxy, &["nonsense"], &["10.0.0.0/8"]), "10.1.2.3");
        assert_eq!(
            client("[::ffff:10.0.0.1]:1", &["2001:db8::1"], &["10.0.0.0/8"]),
            "2001:db8::1"
        );
        assert_eq!(client(proxy, &[], &["0.0.0.0/0"]), "10.1.2.3");
    }

    #[test]
    fn a_connection_s_ipv6_addresses_are_one_caller() {
        let caller = |text: &str| one_caller(text.parse().unwrap()).to_string();
        assert_eq!(caller("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::");
        assert_eq!(caller("2001:db8:1:2:bbbb::2"), "2001:db8:1:2::");
        assert_ne!(caller("2001:db8:1:3::1"), "2001:db8:1:2::");
        assert_eq!(caller("::ffff:1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn networks_are_checked() {
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::1/129",
            "localhost",
            "1.2.3.4/-1",
        ] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let any: Network = "0.0.0.0/0".parse().unwrap();
        assert!(any.contains("255.1.1.1".parse().unwrap()));
        assert!(!any.contains("::1".parse().unwrap()));
    }
}
