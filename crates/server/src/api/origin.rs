//! That no other site's page has made a request: same-origin, or no browser at all.

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use url::Url;

use super::{client::host, error::ApiError};

/// Refuses what another site's page has made a browser send (CSRF).
///
/// A browser says in `Sec-Fetch-Site` (Fetch Metadata) which site asks, and in `Origin` from which origin; no page can
/// forge either. A request with neither comes from a program, which must not carry what only browsers add by themselves:
/// cookies and passwords. So a browser too old to say anything is refused where it matters.
pub(super) fn check(parts: &Parts) -> Result<(), ApiError> {
    let headers = &parts.headers;
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" || site == "none" { Ok(()) } else { Err(cross_site()) };
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let same = origin.to_str().ok().zip(host(parts)).is_some_and(|(origin, host)| is_same(origin, host));
        return if same { Ok(()) } else { Err(cross_site()) };
    }
    if is_ambient(headers) {
        let message = "a request with cookies must say where it comes from: send the header `origin`, as browsers do";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "origin-missing", message));
    }
    Ok(())
}

/// Refuses what another site's page has made a browser read: as [`check`], but a browser sends no `Origin` with it.
pub(super) fn check_read(parts: &Parts) -> Result<(), ApiError> {
    let says = |name| parts.headers.contains_key(name);
    if says("sec-fetch-site") || says("origin") { check(parts) } else { Ok(()) }
}

fn cross_site() -> ApiError {
    let message = "another site's page must not do this: send it from a page of this server, or from your own server";
    ApiError::new(StatusCode::FORBIDDEN, "cross-site", message)
}

/// Whether the host that a request is for is the one of this origin.
fn is_same(origin: &str, host: &str) -> bool {
    // An opaque origin is `null`, which is no URL.
    let Ok(origin) = Url::parse(origin) else { return false };
    let Ok(target) = Url::parse(&format!("{}://{host}/", origin.scheme())) else { return false };
    matches!(origin.scheme(), "http" | "https") && origin.origin() == target.origin()
}

/// What a browser adds by itself, whichever page asks.
fn is_ambient(headers: &HeaderMap) -> bool {
    let bearer = |value: &str| value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    headers.contains_key(header::COOKIE)
        || headers.get(header::AUTHORIZATION).is_some_and(|value| !value.to_str().is_ok_and(bearer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn code(headers: &[(&str, &str)]) -> Option<&'static str> {
        let mut request = Request::builder().uri("/x").header("host", "app.example:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request").into_parts().0).err().map(|error| error.code())
    }

    #[test]
    fn takes_what_pages_of_its_own_and_programs_send() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none"), ("cookie", "a=b")],
            // A proxy that changes `Host` changes no `Sec-Fetch-Site`.
            &[("sec-fetch-site", "same-origin"), ("origin", "https://public.example")],
            &[("origin", "http://app.example:8080"), ("cookie", "a=b")],
            &[("origin", "https://APP.example:8080")],
            &[("authorization", "Bearer x")],
        ] {
            assert_eq!(code(headers), None, "{headers:?}");
        }
    }

    #[test]
    fn refuses_what_other_sites_send() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "http://app.example:8080")],
            &[("sec-fetch-site", "")],
            &[("origin", "null")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://app.example")],
            &[("origin", "http://app.example:8081")],
            &[("origin", "http://app.example:8080.evil.example")],
            &[("origin", "http://app.example:8080@evil.example")],
            &[("origin", "chrome-extension://app.example:8080")],
            &[("origin", "")],
        ] {
            assert_eq!(code(headers), Some("cross-site"), "{headers:?}");
        }
        for headers in [("cookie", "a=b"), ("authorization", "Basic x"), ("authorization", "bearer")] {
            assert_eq!(code(&[headers]), Some("origin-missing"), "{headers:?}");
        }
    }
}
