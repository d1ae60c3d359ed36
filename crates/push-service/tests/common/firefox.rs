//! A Firefox: autopush over a WebSocket.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tidings_push_service::PushService;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::PATIENCE;

pub(crate) struct Firefox {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) uaid: String,
}

impl Firefox {
    pub(crate) async fn start(service: &PushService) -> Self {
        Self::restart(service, None).await
    }

    /// Connects and says hello, with the identity of an earlier connection if there was one.
    pub(crate) async fn restart(service: &PushService, uaid: Option<&str>) -> Self {
        let mut firefox = Self::connect(service).await;
        let mut hello = json!({"messageType": "hello", "broadcasts": {}, "use_webpush": true});
        if let Some(uaid) = uaid {
            hello["uaid"] = uaid.into();
        }
        firefox.say(hello).await;
        let answer = firefox.hear().await;
        assert_eq!(answer["messageType"], "hello");
        assert_eq!(answer["status"], 200);
        assert_eq!(answer["use_webpush"], true);
        firefox.uaid = answer["uaid"].as_str().unwrap().to_owned();
        firefox
    }

    pub(crate) async fn connect(service: &PushService) -> Self {
        let mut request = service.description().web_socket.as_str().into_client_request().unwrap();
        let protocol = "push-notification".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "push-notification");
        Self { socket, uaid: String::new() }
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> Value {
        self.try_hear().await.expect("the service hung up")
    }

    /// The next message; `None` when the service has hung up.
    pub(crate) async fn try_hear(&mut self) -> Option<Value> {
        let next = tokio::time::timeout(PATIENCE, self.socket.next());
        match next.await.expect("the service says nothing")? {
            Ok(message) => Some(serde_json::from_str(message.to_text().unwrap()).unwrap()),
            Err(_) => None,
        }
    }

    /// Subscribes and answers the endpoint.
    pub(crate) async fn subscribe(&mut self, channel: &str, key: Option<&str>) -> String {
        let mut register = json!({"messageType": "register", "channelID": channel});
        if let Some(key) = key {
            // Firefox pads the key.
            register["key"] = format!("{key}=").into();
        }
        self.say(register).await;
        let answer = self.hear().await;
        assert_eq!(answer["messageType"], "register");
        assert_eq!(answer["channelID"], channel);
        assert_eq!(answer["status"], 200);
        answer["pushEndpoint"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn unsubscribe(&mut self, channel: &str) {
        self.say(json!({"messageType": "unregister", "channelID": channel, "code": 200})).await;
        let answer = self.hear().await;
        assert_eq!(answer, json!({"messageType": "unregister", "channelID": channel, "status": 200}));
    }

    pub(crate) async fn acknowledge(&mut self, notification: &Value, code: u16) {
        let update = json!({"channelID": notification["channelID"], "version": notification["version"], "code": code});
        self.say(json!({"messageType": "ack", "updates": [update]})).await;
    }
}
