//! What stands between an address that a caller wrote and the network of this server.
//!
//! Names are resolved here and the connection is made to the address that was checked: a name that means another address a moment
//! later changes nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It is no address at all.
    #[error("it is no address such as https://example.com/ocr.")]
    NoUrl,
    /// It is not HTTPS.
    #[error("it starts with https://.")]
    Scheme,
    /// It carries a user name or a password.
    #[error("it must not hold a user name or a password.")]
    UserInfo,
    /// It is not on the public internet.
    #[error("it is not on the public internet.")]
    Private,
}

/// Whether `ip` is an address of the public internet: no private, loopback, link-local, shared, multicast, documentation or otherwise
/// reserved one (IANA's special-purpose registries), nor one that carries such an IPv4 address inside.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_reserved = matches!(
        (a, b, c),
        // This network, private, loopback, link-local.
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _)
        // Carrier-grade NAT, protocol assignments, 6to4 relays, AS112.
        | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (192, 31, 196) | (192, 52, 193) | (192, 175, 48)
        // Documentation and benchmarks.
        | (192, 0, 2) | (198, 51, 100) | (203, 0, 113) | (198, 18 | 19, _)
        // Multicast, reserved, broadcast.
        | (224.., ..)
    );
    !is_reserved
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let s = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match s {
        // NAT64 (64:ff9b::/96) and 6to4 lead to an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo and other protocol assignments, ORCHID, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Of the rest only 2000::/3 is given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The URL that `text` is, when it may be called: HTTPS, without user name and password, and a host that is a name or a public
/// address. With `allows_any`, HTTP and every host.
///
/// # Errors
/// [`Refused`] says why not.
pub fn check(text: &str, allows_any: bool) -> Result<Url, Refused> {
    let url = Url::parse(text.trim()).map_err(|_| Refused::NoUrl)?;
    let is_fine = url.scheme() == "https" || (allows_any && url.scheme() == "http");
    if !is_fine {
        return Err(Refused::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::UserInfo);
    }
    let is_called = match url.host() {
        None => return Err(Refused::NoUrl),
        Some(Host::Domain(_)) => true,
        // Addresses in figures never come to the resolver.
        Some(Host::Ipv4(ip)) => is_public_v4(ip),
        Some(Host::Ipv6(ip)) => is_public_v6(ip),
    };
    if is_called || allows_any {
        Ok(url)
    } else {
        Err(Refused::Private)
    }
}

/// Resolves names and lets only public addresses through; one that is not refuses the name: a name with both kinds is somebody's
/// attempt.
pub struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(Refused::Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:c0a8:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn what_is_seen_of_an_address_is_refused_before_a_name_is_resolved() {
        for fine in [
            "https://example.com/hook?a=b",
            "https://1.1.1.1:8443/",
            "https://ocr.test",
        ] {
            assert!(check(fine, false).is_ok(), "{fine}");
        }
        for (wrong, why) in [
            ("example.com", Refused::NoUrl),
            ("", Refused::NoUrl),
            ("https://", Refused::NoUrl),
            ("http://example.com/", Refused::Scheme),
            ("file:///etc/passwd", Refused::Scheme),
            ("gopher://example.com/", Refused::Scheme),
            ("https://user:secret@example.com/", Refused::UserInfo),
            ("https://127.0.0.1/", Refused::Private),
            ("https://2130706433/", Refused::Private),
            ("https://0x7f.1/", Refused::Private),
            ("https://0177.0.0.1/", Refused::Private),
            ("https://[::1]/", Refused::Private),
            ("https://[::ffff:10.0.0.1]/", Refused::Private),
            (
                "https://169.254.169.254/latest/meta-data/",
                Refused::Private,
            ),
        ] {
            assert_eq!(check(wrong, false).unwrap_err(), why, "{wrong}");
        }
        assert!(check("http://127.0.0.1:9/", true).is_ok());
        assert_eq!(
            check("ftp://127.0.0.1/", true).unwrap_err(),
            Refused::Scheme
        );
    }

    #[tokio::test]
    async fn a_name_that_means_an_address_of_this_machine_is_not_called() {
        let client = crate::net::builder(std::time::Duration::from_secs(5))
            .dns_resolver(std::sync::Arc::new(PublicResolver))
            .build()
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let called = client.get(format!("http://localhost:{port}/")).send().await;
        assert!(called.unwrap_err().is_connect());
        let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
        assert!(nobody.await.is_err(), "nothing connected");
    }
}
