//! One Chromium, from login to hang-up.

use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, WriteHalf};

use super::frame::{self, Decoder, Frame, FrameError, VERSION};
use super::stanza::{DataMessage, Heartbeat, Iq, LoginRequest, LoginResponse, tag};
use crate::mailbox::{Connection, Message};
use crate::shared::Shared;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a message of tag {tag} that cannot be read: {source}")]
    Stanza { tag: u8, source: prost::DecodeError },
    #[error("a login without user")]
    NoUser,
}

/// Serves one connection, from the version on, until either side hangs up.
///
/// Chromium logs in twice when it starts and drops the first connection at once, so what was written to that one is
/// lost. Hence messages are kept until they are acknowledged, and each login brings all of them again.
pub(crate) async fn serve<S>(stream: S, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let cut = shared.cut();
    tokio::select! {
        ended = run(stream, &shared) => match ended {
            Ok(()) => tracing::debug!("Chromium hung up"),
            Err(SessionError::Io(error)) => tracing::debug!(%error, "Chromium hung up"),
            Err(error) => tracing::warn!(%error, "Chromium sent what is no MCS: connection ended"),
        },
        () = cut => {}
    }
}

async fn run<S>(stream: S, shared: &Shared) -> Result<(), SessionError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (reader, writer) = tokio::io::split(stream);
    let mut reader = pin!(reader);
    let mut decoder = Decoder::default();
    let mut session =
        Session { shared, writer, connection: None, received: 0, sent: 0, unacknowledged: VecDeque::new() };
    loop {
        tokio::select! {
            read = reader.read_buf(&mut decoder.buffer) => {
                if read? == 0 {
                    return Ok(());
                }
                while let Some(frame) = decoder.next()? {
                    if frame.tag == tag::CLOSE {
                        return Ok(());
                    }
                    session.hear(&frame).await?;
                }
            }
            message = next(&mut session.connection) => match message {
                Some(message) => session.deliver(&message).await?,
                None => return Ok(()),
            },
        }
    }
}

/// The next message of a connection; before login there is none, and none comes.
async fn next(connection: &mut Option<Connection>) -> Option<Arc<Message>> {
    match connection {
        Some(connection) => connection.next().await,
        None => std::future::pending().await,
    }
}

struct Session<'a, S> {
    shared: &'a Shared,
    writer: WriteHalf<S>,
    /// There since login.
    connection: Option<Connection>,
    /// Frames in either direction; their numbers are what acknowledgements are about.
    received: i32,
    sent: i32,
    /// Number of the frame and identity of the message, oldest first.
    unacknowledged: VecDeque<(i32, String)>,
}

impl<S: AsyncWrite + Unpin> Session<'_, S> {
    async fn hear(&mut self, frame: &Frame) -> Result<(), SessionError> {
        self.received = self.received.wrapping_add(1);
        match frame.tag {
            tag::LOGIN_REQUEST if self.connection.is_none() => {
                self.login(read(frame)?).await?;
            }
            tag::HEARTBEAT_PING => {
                self.acknowledge(read::<Heartbeat>(frame)?.last_stream_id_received);
                let answer = Heartbeat { last_stream_id_received: Some(self.received) };
                self.send(tag::HEARTBEAT_ACK, &answer).await?;
            }
            tag::HEARTBEAT_ACK => {
                self.acknowledge(read::<Heartbeat>(frame)?.last_stream_id_received);
            }
            tag::IQ => self.acknowledge(read::<Iq>(frame)?.last_stream_id_received),
            tag::DATA_MESSAGE => {
                self.acknowledge(read::<DataMessage>(frame)?.last_stream_id_received);
            }
            // Later versions may send more kinds.
            tag => tracing::debug!(tag, "unexpected MCS message ignored"),
        }
        Ok(())
    }

    async fn login(&mut self, login: LoginRequest) -> Result<(), SessionError> {
        let device = login.user.filter(|user| !user.is_empty()).ok_or(SessionError::NoUser)?;
        for message in &login.received_persistent_id {
            self.shared.mailbox.acknowledge(&device, message);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let answer = LoginResponse {
            id: crate::random::token(),
            stream_id: Some(1),
            last_stream_id_received: Some(self.received),
            server_timestamp: i64::try_from(now.as_millis()).ok(),
        };
        self.writer.write_all(&[VERSION]).await?;
        self.send(tag::LOGIN_RESPONSE, &answer).await?;
        tracing::info!(device, "Chromium is here");
        self.connection = Some(self.shared.mailbox.connect(&device));
        Ok(())
    }

    async fn deliver(&mut self, message: &Message) -> io::Result<()> {
        self.send(tag::DATA_MESSAGE, &DataMessage::from(message)).await?;
        self.unacknowledged.push_back((self.sent, message.id.clone()));
        Ok(())
    }

    /// Chromium has had all frames up to this one.
    fn acknowledge(&mut self, last: Option<i32>) {
        let (Some(last), Some(connection)) = (last, &self.connection) else {
            return;
        };
        while let Some((_, message)) = self.unacknowledged.pop_front_if(|(number, _)| *number <= last) {
            connection.acknowledge(&message);
        }
    }

    async fn send(&mut self, tag: u8, message: &impl prost::Message) -> io::Result<()> {
        self.writer.write_all(&frame::encode(tag, message)).await?;
        self.writer.flush().await?;
        self.sent = self.sent.wrapping_add(1);
        Ok(())
    }
}

fn read<M: prost::Message + Default>(frame: &Frame) -> Result<M, SessionError> {
    M::decode(&frame.body[..]).map_err(|source| SessionError::Stanza { tag: frame.tag, source })
}
