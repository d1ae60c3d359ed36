//! The application server: what browsers and back ends ask of its API.

use std::cell::RefCell;

use axum::{Router, body::Body};
use http::Request;
use tempfile::TempDir;
use tidings_server::{Config, State, router};
use tower::ServiceExt;

use crate::wire::run;

/// More is refused anyhow.
const LONGEST_BODY: usize = 64 * 1024;

struct Server {
    state: State,
    router: Router,
    _folder: TempDir,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// A request as it is written in HTTP: method and path, header lines, an empty line, the body.
///
/// Rule: no answer says that the server failed. Each case finds an empty store, so nothing is ever sent anywhere.
pub fn server(data: &[u8]) {
    let Some(request) = request(data) else { return };
    SERVER.with_borrow_mut(|server| {
        run(async {
            if server.is_none() {
                *server = Some(start().await);
            }
            let server = server.as_ref().expect("started");
            let what = format!("{} {}", request.method(), request.uri());
            let response = server.router.clone().oneshot(request).await.expect("an answer");
            assert!(!response.status().is_server_error(), "{what}: {}", response.status());
            empty(&server.state).await;
        });
    });
}

async fn start() -> Server {
    let folder = TempDir::new().expect("a folder");
    let state = State::open(&Config::new(folder.path().join("data"))).await.expect("opens");
    Server { router: router(state.clone()), state, _folder: folder }
}

async fn empty(state: &State) {
    for id in state.store().page(None, 100).await.expect("readable") {
        state.store().delete(&id).await.expect("writable");
    }
}

fn request(data: &[u8]) -> Option<Request<Body>> {
    let split = |data: &'_ [u8]| data.iter().position(|&byte| byte == b'\n');
    let end = split(data)?;
    let line = std::str::from_utf8(&data[..end]).ok()?;
    let (method, target) = line.trim_end().split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target);
    let mut rest = &data[end + 1..];
    while let Some(end) = split(rest) {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    request.body(Body::from(rest[..rest.len().min(LONGEST_BODY)].to_vec())).ok()
}
