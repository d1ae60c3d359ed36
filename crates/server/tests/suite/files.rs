//! Static files.

use std::fs;

use reqwest::Method;

use crate::setup::Api;

#[tokio::test]
async fn files_have_their_type_and_the_headers() {
    let www = tempfile::tempdir().expect("a folder");
    let types = [
        ("index.html", "text/html; charset=utf-8"),
        ("worker.js", "text/javascript; charset=utf-8"),
        ("page.mjs", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("page.wasm", "application/wasm"),
        ("icon.svg", "image/svg+xml"),
        ("icon.png", "image/png"),
        ("app.webmanifest", "application/manifest+json"),
        ("data.json", "application/json"),
    ];
    for (name, _) in types {
        fs::write(www.path().join(name), name).expect("written");
    }
    fs::create_dir(www.path().join("sub")).expect("made");
    fs::write(www.path().join("sub/index.html"), "sub").expect("written");
    fs::write(www.path().parent().expect("a folder").join("tidings-outside"), "").expect("written");
    let api = Api::start_with(|config| config.www = Some(www.path().into())).await;
    for (name, content_type) in types {
        let answer = api.get(&format!("/{name}")).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, Some(name)));
        assert_eq!(answer.headers["content-type"], content_type, "{name}");
    }
    assert_eq!(api.get("/").await.body, "index.html");
    assert_eq!(api.get("/sub/").await.body, "sub");
    for path in ["/nothing", "/nothing.js", "/%2e%2e/tidings-outside", "/..%2ftidings-outside", "/%00"] {
        assert!(api.get(path).await.status.is_client_error(), "{path}");
    }
    for path in ["/", "/worker.js", "/nothing", "/api/v1/key", "/api/v1/nothing"] {
        let headers = api.get(path).await.headers;
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(
            policy.starts_with("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src")
        );
        assert!(policy.ends_with("frame-ancestors 'none'; base-uri 'none'"));
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
    }
    assert_eq!(api.get("/api/v1/nothing").await.error(), (404, "not-found"));
    let again = api.get("/worker.js").await.headers["last-modified"].clone();
    let request = api.request(Method::GET, "/worker.js").header("if-modified-since", again);
    assert_eq!(api.send(request).await.status, 304, "no-cache asks again, and is told that nothing changed");
}
