//! Outside of a browser, as while a server renders the same components: every call gives its typed answer, none panics.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]

use std::{
    fmt::Debug,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tidings::{
    Code, PushError,
    outbox::{Job, Outbox, OutboxCode, OutboxError, Priority, Request, register_periodic_sync, register_sync},
    page::{Options, Permission, Push, Subscription, Worker, environment, permission},
};

/// There is nothing to wait for.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("waits for a browser"),
    }
}

fn unsupported<T: Debug>(answer: Result<T, PushError>) {
    let error = answer.expect_err("there is no browser");
    assert_eq!(error.code(), Code::NoServiceWorker);
    // What a server does with an error: keep it, log it.
    assert_eq!(error.clone().to_string(), Code::NoServiceWorker.message());
    assert_eq!(format!("{error:?}"), "PushError { code: NoServiceWorker }");
}

#[test]
fn the_page_knows_nothing_and_can_do_nothing() {
    assert_eq!(environment().obstacle, Some(Code::NoServiceWorker));
    assert_eq!(permission(), Permission::Denied);
    let push = Push::new(Options {
        headers: vec![("x".into(), "y".into())],
        tags: Some(vec!["t".into()]),
        ..Options::default()
    });
    let state = push.state();
    assert_eq!(
        (state.permission, state.subscription, state.worker),
        (Permission::Denied, Subscription::Unknown, Worker::None)
    );
    assert_eq!(state.reason, Some(Code::NoServiceWorker));
    push.watch();
    assert_eq!(now(push.refresh()), state);
    assert_eq!(now(push.subscription()).expect("none"), None);
    assert_eq!(now(push.id()).expect("none"), None);
    assert!(!now(push.unsubscribe()).expect("there was none"));
    unsupported(now(push.subscribe()));
    unsupported(now(push.identify("ada")));
    unsupported(now(push.forget()));
    unsupported(now(push.set_tags(&["t".into()])));
    unsupported(now(push.notifications(Some("tag"))));
    unsupported(now(push.close_notifications(None)));
    unsupported(now(push.set_badge(Some(1))));
    unsupported(now(push.priming(true)));
    unsupported(push.on_click(|_| ()));
    unsupported(push.on_shown(|_| ()));
    drop(push.on_state(|_| ()));
    assert_eq!(format!("{:?}", push.clone()), "Push");
}

#[test]
fn the_outbox_takes_nothing() {
    fn unsupported<T: Debug>(answer: Result<T, OutboxError>) {
        let error = answer.expect_err("there is no browser");
        assert_eq!(error.clone().code(), OutboxCode::Unsupported);
        assert!(!error.to_string().is_empty());
        assert!(format!("{error:?}").contains("Unsupported"));
    }
    let outbox = Outbox::default();
    let request =
        Request::new("POST", "/api").header("x-own", "1").body("hello").queue("q").strict().priority(Priority::Low);
    let job = Job::new("note", 7).lifetime(1.0).attempts(1).timeout(1).delay(1.0);
    assert!(!format!("{request:?} {job:?}").is_empty());
    unsupported(now(outbox.fetch(request.clone())));
    unsupported(now(outbox.add(job.clone())));
    unsupported(now(Outbox::with_limits(1, 1.0).state()));
    unsupported(now(outbox.pending()));
    unsupported(now(outbox.failed()));
    unsupported(now(outbox.retry(None)));
    unsupported(now(outbox.discard(Some("id"))));
    unsupported(now(outbox.flush()));
    unsupported(now(register_sync("tag")));
    unsupported(now(register_periodic_sync("tag", 1.0)));
    drop(outbox.on(|_| ()));
}

#[cfg(feature = "stream")]
#[test]
fn the_streams_say_what_there_is_and_end() {
    use futures_util::StreamExt;

    let push = Push::new(Options::default());
    assert_eq!(now(push.states().collect::<Vec<_>>()), [push.state()]);
    assert_eq!(now(push.clicks().count()), 0);
    assert_eq!(now(push.shown().count()), 0);
    assert_eq!(now(Outbox::new().updates().count()), 0);
}
