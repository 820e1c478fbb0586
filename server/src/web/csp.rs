//! The web app's Content-Security-Policy.

use sha2::{Digest, Sha256};

/// The policy for a page with this HTML: scripts of this server, WebAssembly, and the page's own inline scripts by hash.
///
/// Trunk writes an inline script that starts the app; its text changes with every build.
pub fn policy(html: &str) -> String {
    let mut scripts = String::from("'self' 'wasm-unsafe-eval'");
    for script in inline_scripts(html) {
        // Browsers hash the text as parsed, in which every line ends with a line feed.
        let text = script.replace("\r\n", "\n");
        scripts.push_str(&format!(" 'sha256-{}'", base64(&Sha256::digest(text))));
    }
    format!(
        "default-src 'self'; script-src {scripts}; worker-src 'self' blob:; img-src 'self' blob: data:; \
         style-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// The bodies of the `script` elements without a `src`.
fn inline_scripts(html: &str) -> Vec<&str> {
    let lower = html.to_ascii_lowercase();
    let mut scripts = Vec::new();
    let mut from = 0;
    while let Some(start) = find(&lower, from, "<script") {
        let Some(open_end) = find(&lower, start, ">") else {
            break;
        };
        let Some(end) = find(&lower, open_end, "</script") else {
            break;
        };
        let attributes = lower
            .get(start + "<script".len()..open_end)
            .unwrap_or_default();
        let has_src = attributes
            .split_ascii_whitespace()
            .any(|attribute| attribute == "src" || attribute.starts_with("src="));
        if !has_src && let Some(body) = html.get(open_end + 1..end) {
            scripts.push(body);
        }
        from = end;
    }
    scripts
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|position| from + position)
}

/// Standard base64 with padding (RFC 4648); the only place that needs it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, i| {
            bits << 8 | usize::from(chunk.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let digit = char::from(DIGITS[bits >> (18 - 6 * i) & 63]);
            text.push(if i <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_hash_and_others_not() {
        let html =
            "<script src=/a.js></script><SCRIPT type=\"module\">alert('Hello, world.');</SCRIPT>";
        let policy = policy(html);
        // The example of the Content Security Policy guide.
        assert!(
            policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"),
            "{policy}"
        );
        assert_eq!(policy.matches("'sha256-").count(), 1);
    }

    #[test]
    fn line_ends_are_hashed_as_browsers_parse_them() {
        assert_eq!(
            policy("<script>a\r\nb</script>"),
            policy("<script>a\nb</script>")
        );
    }

    #[test]
    fn base64_pads_as_in_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn broken_html_ends() {
        for html in [
            "<script",
            "<script>",
            "<script>x",
            "<scr\u{130}ipt>x</script>",
        ] {
            let _ = policy(html);
        }
    }
}
