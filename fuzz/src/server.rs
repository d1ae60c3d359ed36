//! The application server: what browsers and back ends ask of its API.

use std::{cell::RefCell, num::NonZeroU32};

use axum::{Router, body::Body};
use http::Request;
use tempfile::TempDir;
use tidings_server::{Config, State, limits::Limits, router};
use tower::ServiceExt;

use crate::wire::{replace, run};

/// More is refused anyhow.
const LONGEST_BODY: usize = 64 * 1024;

/// After so many cases all starts anew: sends that were asked for would pile up.
const CASES: usize = 2000;

struct Server {
    state: State,
    token: String,
    cases: usize,
    router: Router,
    _folder: TempDir,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// A request as it is written in HTTP: method and path, header lines, an empty line, the body. `TOKEN` is a good one.
///
/// Rule: no answer says that the server failed. Each case finds no subscription, so nothing is ever sent anywhere.
pub fn server(data: &[u8]) {
    SERVER.with_borrow_mut(|server| {
        run(async {
            if server.as_ref().is_none_or(|server| server.cases == 0) {
                *server = Some(start().await);
            }
            let server = server.as_mut().expect("started");
            server.cases -= 1;
            let Some(request) = request(&replace(data, b"TOKEN", server.token.as_bytes())) else { return };
            let what = format!("{} {}", request.method(), request.uri());
            let response = server.router.clone().oneshot(request).await.expect("an answer");
            assert!(!response.status().is_server_error(), "{what}: {}", response.status());
            empty(&server.state).await;
        });
    });
}

async fn start() -> Server {
    let folder = TempDir::new().expect("a folder");
    let mut config = Config::new(folder.path().join("data"));
    let many = NonZeroU32::new(1_000_000).expect("not zero");
    config.limits = Limits { rate: many, burst: many, guesses: many, ..Limits::default() };
    let state = State::open(&config).await.expect("opens");
    let (_, token) = state.store().create_token("fuzz").await.expect("writable");
    Server { router: router(state.clone()), state, token, cases: CASES, _folder: folder }
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
