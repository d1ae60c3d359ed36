//! A push service that answers byte by byte as it is told, and breaks off, hangs or resets where it is told.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use axum::serve::Listener;
use tidings_server::LocalPushService;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use crate::{fake::Tls, streams::Stream};

/// What becomes of a connection after a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// This is said, and the next request may come.
    Whole(String),
    /// This is said, and the connection is closed in good order.
    Cut(String),
    /// This is said, and nothing more.
    Stuck(String),
    /// RST, without a word.
    Reset,
    /// What becomes of it where HTTP/2 is spoken.
    Stream(Stream),
}

/// A push service for many hosts, over HTTP/1.1 or HTTP/2.
pub(crate) struct Scripted {
    pub(crate) service: LocalPushService,
    script: Arc<Script>,
}

#[derive(Default)]
pub(crate) struct Script {
    /// What the first requests to a path are answered; the others are taken: 201.
    first: Mutex<HashMap<String, VecDeque<Answer>>>,
    received: Mutex<HashMap<String, Vec<SystemTime>>>,
}

/// An answer with this body and these header lines.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

impl Scripted {
    pub(crate) async fn start(hosts: &[&str]) -> Self {
        Self::start_with(hosts, false).await
    }

    /// Each [`Answer`] is then a [`Stream`].
    pub(crate) async fn start_http_2(hosts: &[&str]) -> Self {
        Self::start_with(hosts, true).await
    }

    async fn start_with(hosts: &[&str], http_2: bool) -> Self {
        let script = Arc::new(Script::default());
        let (mut tls, certificate_pem) = Tls::bind(hosts, if http_2 { &["h2"] } else { &[] }).await;
        let https = tls.local_addr().expect("bound");
        let origin = "http://127.0.0.1:9".parse().expect("a URL");
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let service = LocalPushService { origin, https, hosts, certificate_pem };
        let shared = script.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = tls.accept().await;
                let script = shared.clone();
                // An error is a client that went away.
                if http_2 {
                    tokio::spawn(async move { crate::streams::serve(script, stream).await.is_ok() });
                } else {
                    tokio::spawn(async move { script.serve(stream).await.is_ok() });
                }
            }
        });
        Self { service, script }
    }

    /// Answers the next request to this path so, after those that were told before.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.script.first.lock().expect("no panic").entry(path.to_owned()).or_default().push_back(answer);
    }

    /// When requests to this path were there, whole.
    pub(crate) fn received(&self, path: &str) -> Vec<SystemTime> {
        self.script.received.lock().expect("no panic").get(path).cloned().unwrap_or_default()
    }
}

impl Script {
    /// Notes a request to this path that is there, whole: what it is answered, if not 201.
    pub(crate) fn next(&self, path: &str) -> Option<Answer> {
        self.received.lock().expect("no panic").entry(path.to_owned()).or_default().push(SystemTime::now());
        self.first.lock().expect("no panic").get_mut(path)?.pop_front()
    }

    async fn serve(&self, mut stream: TlsStream<TcpStream>) -> io::Result<()> {
        let mut input = Vec::new();
        loop {
            let path = read(&mut stream, &mut input).await?;
            match self.next(&path).unwrap_or_else(|| Answer::Whole(response("201 Created", "", ""))) {
                Answer::Whole(text) => stream.write_all(text.as_bytes()).await?,
                Answer::Cut(text) => {
                    stream.write_all(text.as_bytes()).await?;
                    return stream.shutdown().await;
                }
                Answer::Stuck(text) => {
                    stream.write_all(text.as_bytes()).await?;
                    stream.flush().await?;
                    // Until the client has had enough.
                    stream.read_to_end(&mut input).await?;
                }
                Answer::Reset => return stream.get_ref().0.set_zero_linger(),
                Answer::Stream(_) => unreachable!("this is HTTP/1.1"),
            }
            stream.flush().await?;
        }
    }
}

/// Takes one request off the stream, body and all: its path.
async fn read(stream: &mut TlsStream<TcpStream>, input: &mut Vec<u8>) -> io::Result<String> {
    loop {
        if let Some(end) = input.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&input[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            if input.len() >= whole {
                input.drain(..whole);
                return Ok(head.split(' ').nth(1).unwrap_or_default().to_owned());
            }
        }
        if stream.read_buf(input).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
