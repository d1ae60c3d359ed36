//! A connection without a socket, so that nothing waits for the system and every case is the same each time.

use std::{cell::RefCell, future::Future, pin::pin, task::Poll};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    runtime::{Builder, Runtime},
    task::yield_now,
};

/// How many times everybody had their turn and nobody had anything to say, before a conversation counts as over.
const SILENCE: usize = 16;

/// More turns than any conversation needs: whoever is not done by then never will be.
const PATIENCE: usize = 100_000;

/// The most that one side may have under way.
const CAPACITY: usize = 1 << 16;

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_all().build().expect("a runtime"));
}

/// Runs a future to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    RUNTIME.with_borrow(|runtime| runtime.block_on(future))
}

/// Says `parts` to a server, one after the other, hangs up, and answers all that was heard.
///
/// # Panics
///
/// If the server panics, or has not ended long after the other side hung up.
pub(crate) fn converse<F>(serve: impl FnOnce(DuplexStream) -> F, parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8>
where
    F: Future<Output = ()> + Send + 'static,
{
    run(async {
        let (mut client, server) = duplex(CAPACITY);
        let server = tokio::spawn(serve(server));
        let mut heard = Vec::new();
        for part in parts {
            // Fails when the server has hung up, which it may.
            if say(&mut client, &part, &mut heard).await.is_err() {
                break;
            }
        }
        listen(&mut client, &mut heard).await;
        drop(client);
        let mut server = pin!(server);
        for _ in 0..PATIENCE {
            let ended = std::future::poll_fn(|context| Poll::Ready(server.as_mut().poll(context))).await;
            if let Poll::Ready(ended) = ended {
                ended.expect("the connection ends well");
                return heard;
            }
            yield_now().await;
        }
        panic!("the connection goes on although the other side hung up");
    })
}

/// Writes a part, and reads while the server is not taking it.
async fn say(client: &mut DuplexStream, part: &[u8], heard: &mut Vec<u8>) -> std::io::Result<()> {
    let mut rest = part;
    while !rest.is_empty() {
        let written = turn(client.write(rest)).await.transpose()?;
        match written {
            Some(written) => rest = &rest[written..],
            None if read(client, heard).await => {}
            // Neither takes nor says anything.
            None => return Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
    Ok(())
}

async fn listen(client: &mut DuplexStream, heard: &mut Vec<u8>) {
    while read(client, heard).await {}
}

/// Reads once; whether there was anything.
async fn read(client: &mut DuplexStream, heard: &mut Vec<u8>) -> bool {
    matches!(turn(client.read_buf(heard)).await, Some(Ok(1..)))
}

/// What a future answers before everybody else has fallen silent.
async fn turn<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..SILENCE {
        let polled = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        yield_now().await;
    }
    None
}

/// The bytes with one text in the place of another.
pub(crate) fn replace(data: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some(start) = rest.windows(from.len()).position(|window| window == from) {
        bytes.extend(&rest[..start]);
        bytes.extend(to);
        rest = &rest[start + from.len()..];
    }
    bytes.extend(rest);
    bytes
}
