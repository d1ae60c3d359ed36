//! One Firefox, from hello to hang-up.

use std::pin::pin;
use std::sync::Arc;

use axum::extract::ws::{Message as Frame, WebSocket};
use http::StatusCode;

use super::protocol::{self, FromBrowser, Nothing, PONG, ToBrowser};
use crate::key::ApplicationServerKey;
use crate::mailbox::{Channel, Connection, Message, NotTaken};
use crate::shared::Shared;

/// Longer identities are not ours.
const LONGEST_UAID: usize = 128;

/// Serves one WebSocket until either side hangs up. The TCP connection ends with it: Firefox waits for that.
pub(super) async fn run(socket: WebSocket, shared: Arc<Shared>) {
    let mut cut = pin!(shared.cut());
    let mut session = Session { socket, shared: Arc::clone(&shared), connection: None };
    loop {
        let step = tokio::select! {
            frame = session.socket.recv() => match frame {
                Some(Ok(Frame::Text(text))) => session.hear(text.as_str()).await,
                Some(Ok(Frame::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => Ok(()),
            },
            message = next(&mut session.connection) => match message {
                Some(message) => session.say(&ToBrowser::from(&*message)).await,
                None => break,
            },
            () = &mut cut => break,
        };
        if let Err(error) = step {
            tracing::debug!(%error, "Firefox hung up");
            break;
        }
    }
}

/// The next message of a connection; before hello there is none, and none comes.
async fn next(connection: &mut Option<Connection>) -> Option<Arc<Message>> {
    match connection {
        Some(connection) => connection.next().await,
        None => std::future::pending().await,
    }
}

struct Session {
    socket: WebSocket,
    shared: Arc<Shared>,
    /// There since hello.
    connection: Option<Connection>,
}

impl Session {
    async fn hear(&mut self, text: &str) -> Result<(), axum::Error> {
        tracing::trace!(text, "from Firefox");
        let message = match protocol::decode(text) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(%error, text, "Firefox sent what is no autopush message: ignored");
                return Ok(());
            }
        };
        match (message, &self.connection) {
            (FromBrowser::Ping {}, _) => self.socket.send(PONG.into()).await,
            (FromBrowser::BroadcastSubscribe {}, _) => Ok(()),
            (FromBrowser::Hello { uaid }, None) => self.hello(uaid).await,
            (FromBrowser::Register { channel_id, key }, Some(connection)) => {
                let (status, endpoint) = match register(&self.shared, connection, &channel_id, key) {
                    Ok(endpoint) => (StatusCode::OK, endpoint),
                    Err(status) => (status, String::new()),
                };
                self.say(&ToBrowser::Register {
                    channel_id: &channel_id,
                    status: status.as_u16(),
                    push_endpoint: &endpoint,
                })
                .await
            }
            (FromBrowser::Unregister { channel_id }, Some(connection)) => {
                self.shared.mailbox.unsubscribe(connection.device(), &channel_id);
                self.say(&ToBrowser::Unregister { channel_id: &channel_id, status: StatusCode::OK.as_u16() }).await
            }
            (FromBrowser::Ack { updates }, Some(connection)) => {
                updates.iter().for_each(|update| connection.acknowledge(&update.version));
                Ok(())
            }
            (FromBrowser::Nack { version }, Some(connection)) => {
                connection.acknowledge(&version);
                Ok(())
            }
            (message, _) => {
                tracing::warn!(?message, "Firefox sent this out of order: ignored");
                Ok(())
            }
        }
    }

    /// Gives the device its identity, the one it has or a new one, and then all that waits for it.
    async fn hello(&mut self, uaid: Option<String>) -> Result<(), axum::Error> {
        let known = uaid.filter(|uaid| uaid.len() <= LONGEST_UAID && self.shared.mailbox.knows(uaid));
        let uaid = known.unwrap_or_else(crate::random::user_agent_id);
        self.shared.mailbox.admit(&uaid);
        self.say(&ToBrowser::Hello {
            uaid: &uaid,
            status: StatusCode::OK.as_u16(),
            use_webpush: true,
            broadcasts: Nothing {},
        })
        .await?;
        tracing::info!(device = uaid, "Firefox is here");
        self.connection = Some(self.shared.mailbox.connect(&uaid));
        self.shared.firefox_came();
        Ok(())
    }

    async fn say(&mut self, message: &ToBrowser<'_>) -> Result<(), axum::Error> {
        let text = message.encode().map_err(axum::Error::new)?;
        tracing::trace!(text, "to Firefox");
        self.socket.send(text.into()).await
    }
}

/// The endpoint of a new subscription, or why there is none.
fn register(
    shared: &Shared,
    connection: &Connection,
    channel_id: &str,
    key: Option<String>,
) -> Result<String, StatusCode> {
    let key = match key.as_deref() {
        None | Some("") => None,
        Some(key) => Some(ApplicationServerKey::parse(key).ok_or(StatusCode::BAD_REQUEST)?),
    };
    let channel =
        Channel { name: channel_id.to_owned(), key, audiences: shared.description.own_origins(), ..Channel::default() };
    let token = shared.mailbox.subscribe(connection.device(), channel).map_err(|reason| match reason {
        NotTaken::Unwritten => StatusCode::SERVICE_UNAVAILABLE,
        NotTaken::Unknown | NotTaken::Gone => StatusCode::GONE,
    })?;
    Ok(format!("{}/wpush/v2/{token}", shared.description.http))
}
