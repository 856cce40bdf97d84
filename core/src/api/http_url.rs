//! Checks the URLs of a configuration, so that a URL from which no request can be built is rejected before the first
//! call. The rules are the same on every host, and not looser than those of the HTTP libraries.

/// The maximum length of a configured URL in bytes. Most servers limit the first line of a request to 8 KiB, which
/// also has to hold ids and filters.
pub(crate) const MAX_URL_BYTES: usize = 2_048;

/// The maximum length of a host name in bytes, without a final dot (RFC 1035, section 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// The parts of a URL that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HttpUrl<'a> {
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
    /// What follows `://`.
    pub(crate) rest: &'a str,
}

/// Checks an absolute `http` or `https` URL.
///
/// # Errors
/// What is wrong, without any part of the URL.
pub(crate) fn check_http_url(url: &str) -> Result<HttpUrl<'_>, &'static str> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
        _ => return Err("it must start with https:// or http://"),
    };
    if url.len() > MAX_URL_BYTES {
        return Err("it is longer than 2,048 bytes");
    }
    if rest.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte >= 0x7f) {
        return Err("it contains a character that must be percent-encoded");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("it must not contain a user name or password");
    }
    check_authority(authority)?;
    Ok(HttpUrl { scheme, rest })
}

/// Checks a host and, if there is one, a port.
fn check_authority(authority: &str) -> Result<(), &'static str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return Err("the IPv6 address has no closing bracket");
            };
            if !is_ipv6_address(address) {
                return Err("the host in brackets is not an IPv6 address");
            }
            (None, port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(end);
            (Some(host), port)
        }
    };
    if let Some(host) = host {
        check_host(host)?;
    }
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(()),
        Some(port) if is_port(port) => Ok(()),
        _ => Err("the port is not a number from 1 to 65,535"),
    }
}

/// Checks a host that is a name or an IPv4 address.
fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("the host is missing");
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > MAX_HOST_BYTES || !name.split('.').all(is_label) {
        return Err("the host is neither a name of ASCII characters nor an IP address");
    }
    // URL parsers read a host whose last label is a number as an IPv4 address.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .or_else(|| last.strip_prefix("0X"))
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number && !is_ipv4_address(name) {
        return Err("the host is not an IPv4 address, for example 192.0.2.1");
    }
    Ok(())
}

/// Returns whether a text is an IPv4 address with four decimal parts. `std::net` would be shorter, but its parser
/// makes the Code-node script 1 kB larger.
fn is_ipv4_address(text: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
            && part.parse::<u8>().is_ok()
    };
    text.split('.').count() == 4 && text.split('.').all(is_part)
}

/// Returns whether a text is an IPv6 address (RFC 4291, section 2.2).
fn is_ipv6_address(text: &str) -> bool {
    match text.split_once("::") {
        None => ipv6_groups(text, true) == Some(8),
        Some((head, tail)) => {
            let groups = |text: &str, is_end: bool| {
                if text.is_empty() { Some(0) } else { ipv6_groups(text, is_end) }
            };
            let count = groups(head, false).zip(groups(tail, true));
            count.is_some_and(|(head, tail)| head + tail < 8)
        }
    }
}

/// Returns the number of 16-bit groups of a part of an IPv6 address. The end may be an IPv4 address.
fn ipv6_groups(text: &str, is_end: bool) -> Option<usize> {
    let mut count = 0;
    let mut groups = text.split(':').peekable();
    while let Some(group) = groups.next() {
        if (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            count += 1;
        } else if is_end && groups.peek().is_none() && is_ipv4_address(group) {
            count += 2;
        } else {
            return None;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn addresses_are_those_of_the_standard_library() {
        // All texts of up to five of these parts.
        const PARTS: [&str; 9] = ["", "0", "01", "255", "256", "f", "fffff", "1.2.3.4", "+1"];
        for separator in [":", "::", "."] {
            for index in 0..PARTS.len().pow(5) {
                let parts = (0..5).map(|digit| PARTS[index / PARTS.len().pow(digit) % PARTS.len()]);
                let text = parts.collect::<Vec<_>>().join(separator);
                let text = text.trim_start_matches(separator);
                assert_eq!(is_ipv4_address(text), text.parse::<Ipv4Addr>().is_ok(), "{text}");
                assert_eq!(is_ipv6_address(text), text.parse::<Ipv6Addr>().is_ok(), "{text}");
            }
        }
        for text in
            ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::"]
        {
            assert_eq!(is_ipv6_address(text), text.parse::<Ipv6Addr>().is_ok(), "{text}");
        }
    }

    const ACCEPTED: &[&str] = &[
        "http://a",
        "https://api-trial.cognigy.ai",
        "HTTPS://Api.Example:8443/x%20y?z#f",
        "http://127.0.0.1:1",
        "http://[::1]",
        "http://[2001:db8::1]:8080/new",
        "http://my_host.local./",
        "http://localhost:65535?a=1",
        "http://1password.com",
        "http://0xyz.example",
    ];

    const REJECTED: &[&str] = &[
        "",
        "api.example",
        "ftp://x",
        "http:/x",
        "http://",
        "https:///path",
        "http://?a",
        "http://:80",
        "http://[::1",
        "http://[::1]x",
        "http://[::1]:",
        "http://[1.2.3.4]",
        "http://[fe80::1%25eth0]",
        "http://[]",
        "http://::1",
        "http://a:99999",
        "http://a:65536",
        "http://a:0",
        "http://a:",
        "http://a:8x",
        "http://a:+80",
        "http://a:-1",
        "http://a b",
        "http://a\n",
        "http://a\u{7f}",
        "http://\u{e9}",
        "http://a\\b",
        "http://u:p@host",
        "http://u@host",
        "http://a..b",
        "http://.a",
        "http://.",
        "http://a%20b",
        "http://a*b",
        "http://1.2.3",
        "http://999.1.1.1",
        "http://1.2.3.4.5",
        "http://0x7f.1",
        "http://2130706433",
        "http://a.0x",
    ];

    #[test]
    fn check_accepts_usual_urls() {
        for url in ACCEPTED {
            assert!(check_http_url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn check_rejects_urls_without_a_request() {
        for url in REJECTED {
            assert!(check_http_url(url).is_err(), "{url}");
        }
        let label = "a".repeat(64);
        let name = format!("{}.a", "a".repeat(63)).repeat(4);
        let long = format!("http://a/{}", "a".repeat(MAX_URL_BYTES));
        for url in [&format!("http://{label}"), &format!("http://{name}"), &long] {
            assert!(check_http_url(url).is_err());
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn the_http_library_accepts_what_the_check_accepts() {
        for url in ACCEPTED {
            assert!(reqwest::Url::parse(url).is_ok(), "{url}");
        }
    }
}
