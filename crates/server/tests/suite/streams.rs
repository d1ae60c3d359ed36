//! The push service that answers as it is told, over HTTP/2: it resets streams, goes away, and hangs up.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};
use hyper::{Request, Response};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_rustls::server::TlsStream;

use crate::scripted::{Answer, Script};

/// Before a connection ends, so that the other streams are open.
pub(crate) const MEANWHILE: Duration = Duration::from_millis(300);

/// What becomes of a stream, or of the whole connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    /// RST_STREAM, without an answer.
    Reset(Reason),
    /// This status, half a body, and RST_STREAM.
    Part(u16, &'static str, Reason),
    /// This status, half a body, and nothing more.
    Stuck(u16, &'static str),
    /// Nothing.
    Silent,
    /// GOAWAY after [`MEANWHILE`], and the end, whatever is under way.
    GoAway(Reason),
    /// The end of the connection after [`MEANWHILE`], without a word.
    Close,
}

/// How a connection ends; none: without a word.
type End = Option<Reason>;

/// Serves one connection until its end.
pub(crate) async fn serve(script: Arc<Script>, stream: TlsStream<TcpStream>) -> Result<(), h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    let (end, mut ended) = mpsc::unbounded_channel::<End>();
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                let (script, end) = (script.clone(), end.clone());
                tokio::spawn(async move { answer(&script, request, respond, &end).await.is_ok() });
            }
            Some(end) = ended.recv() => match end {
                Some(reason) => connection.abrupt_shutdown(reason),
                None => return Ok(()),
            },
        }
    }
}

async fn answer(
    script: &Script,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    end: &mpsc::UnboundedSender<End>,
) -> Result<(), h2::Error> {
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    while let Some(chunk) = body.data().await {
        body.flow_control().release_capacity(chunk?.len())?;
    }
    let head = |status: u16| Response::builder().status(status).body(()).expect("a head");
    match script.next(&path) {
        None => {
            respond.send_response(head(201), true)?;
        }
        Some(Answer::Stream(Stream::Reset(reason))) => respond.send_reset(reason),
        Some(Answer::Stream(Stream::Part(status, text, reason))) => {
            let mut stream = respond.send_response(head(status), false)?;
            stream.send_data(Bytes::from(text), false)?;
            // What is reset is not sent.
            tokio::time::sleep(MEANWHILE).await;
            stream.send_reset(reason);
        }
        Some(Answer::Stream(Stream::Stuck(status, text))) => {
            let mut stream = respond.send_response(head(status), false)?;
            stream.send_data(Bytes::from(text), false)?;
            std::future::poll_fn(|cx| stream.poll_reset(cx)).await?;
        }
        Some(Answer::Stream(Stream::Silent)) => {
            std::future::poll_fn(|cx| respond.poll_reset(cx)).await?;
        }
        Some(Answer::Stream(last @ (Stream::GoAway(_) | Stream::Close))) => {
            tokio::time::sleep(MEANWHILE).await;
            // An error is a connection that has ended.
            let _ = end.send(if let Stream::GoAway(reason) = last { Some(reason) } else { None });
            std::future::poll_fn(|cx| respond.poll_reset(cx)).await?;
        }
        Some(_) => unreachable!("this is HTTP/2"),
    }
    Ok(())
}
