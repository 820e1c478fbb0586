//! What is seen of an address that a caller wrote, before its name is resolved (`net/resolver.rs`).

use url::{Host, Url};

use crate::net::addresses::is_public;

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
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
    };
    if is_called || allows_any {
        Ok(url)
    } else {
        Err(Refused::Private)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            .dns_resolver(std::sync::Arc::new(
                crate::net::resolver::CheckedResolver::public(),
            ))
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
