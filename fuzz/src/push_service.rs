//! The push service: what browsers and senders say to it.

use std::sync::LazyLock;

use tidings_push_service::fuzzing::Service;

use crate::wire::{converse, replace};

/// Making a certificate takes longer than a thousand cases.
static SERVICE: LazyLock<Service> = LazyLock::new(|| Service::new().expect("a service"));

/// As Firefox connects; the server's answer ends with an empty line.
const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:7474\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: push-notification\r\n\r\n";

/// The bytes of an MCS connection, after its first byte, which says in which portions they come.
///
/// Rule: how they are cut makes no difference to what is answered.
pub fn mcs(data: &[u8]) {
    let Some((&size, bytes)) = data.split_first() else { return };
    let portions = |size: usize| bytes.chunks(size.max(1)).map(<[u8]>::to_vec);
    let service = SERVICE.fresh();
    converse(|stream| service.mcs(stream), portions(bytes.len()));
    // When there are messages, they and the answers are written in any order, and an error may come before either.
    let answer = |size| {
        let service = SERVICE.fresh().empty();
        converse(|stream| service.mcs(stream), portions(size))
    };
    // Identities and times differ, their lengths do not.
    assert_eq!(answer(usize::from(size)).len(), answer(bytes.len()).len());
}

/// A WebSocket to autopush. After a first `#`, the bytes are frames as they are; else each line is one text.
///
/// Rule: the upgrade succeeds, and what follows ends well.
pub fn autopush(data: &[u8]) {
    let frames = match data.split_first() {
        Some((b'#', raw)) => vec![raw.to_vec()],
        _ => data.split(|&byte| byte == b'\n').map(text_frame).collect(),
    };
    let service = SERVICE.fresh();
    let parts = std::iter::once(HANDSHAKE.to_vec()).chain(frames);
    let heard = converse(|stream| service.plain(stream), parts);
    assert!(heard.starts_with(b"HTTP/1.1 101 "), "{:?}", String::from_utf8_lossy(&heard));
}

/// One whole text, masked with zeros (RFC 6455 section 5.2).
fn text_frame(text: &[u8]) -> Vec<u8> {
    let length = text.len();
    let mut frame = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..=125), _) => vec![0x81, 0x80 | length],
        (_, Ok(length)) => [&[0x81, 0x80 | 126][..], &length.to_be_bytes()].concat(),
        _ => [&[0x81, 0x80 | 127][..], &(length as u64).to_be_bytes()].concat(),
    };
    frame.extend([0; 4]);
    frame.extend(text);
    frame
}

/// What comes to the plain port: HTTP of senders, of Chromium, of tests. `TOKEN` becomes that of a subscription.
///
/// Rule: every answer is HTTP, and none says that the server failed.
pub fn push_service(data: &[u8]) {
    // Waits ten seconds for a Firefox, whoever asks.
    if data.windows(5).any(|window| window == b"/open") {
        return;
    }
    let service = SERVICE.fresh();
    let bytes = replace(data, b"TOKEN", service.token().as_bytes());
    let heard = converse(|stream| service.plain(stream), std::iter::once(bytes));
    assert!(heard.is_empty() || heard.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&heard));
    assert!(!heard.starts_with(b"HTTP/1.1 5"), "{:?}", String::from_utf8_lossy(&heard));
}
