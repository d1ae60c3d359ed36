//! A Chromium: check-in, registration, MCS.

use std::sync::Arc;

use prost::Message as _;
use rustls::pki_types::ServerName;
use tidings_push_service::PushService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{PATIENCE, sender};

#[derive(Clone, PartialEq, prost::Message)]
struct CheckinRequest {
    #[prost(int64, optional, tag = "2")]
    id: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct CheckinResponse {
    #[prost(bool, optional, tag = "1")]
    stats_ok: Option<bool>,
    #[prost(fixed64, optional, tag = "7")]
    android_id: Option<u64>,
    #[prost(fixed64, optional, tag = "8")]
    security_token: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Login {
    #[prost(string, required, tag = "1")]
    id: String,
    #[prost(string, required, tag = "2")]
    domain: String,
    #[prost(string, required, tag = "3")]
    user: String,
    #[prost(string, repeated, tag = "10")]
    received_persistent_id: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Stream {
    #[prost(int32, optional, tag = "2")]
    pub(crate) last_stream_id_received: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Iq {
    #[prost(int32, required, tag = "2")]
    kind: i32,
    #[prost(string, required, tag = "3")]
    id: String,
    #[prost(int32, optional, tag = "10")]
    last_stream_id_received: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AppData {
    #[prost(string, required, tag = "1")]
    pub(crate) key: String,
    #[prost(string, required, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Push {
    #[prost(string, required, tag = "3")]
    pub(crate) from: String,
    #[prost(string, required, tag = "5")]
    pub(crate) category: String,
    #[prost(message, repeated, tag = "7")]
    pub(crate) app_data: Vec<AppData>,
    #[prost(string, optional, tag = "9")]
    pub(crate) persistent_id: Option<String>,
    #[prost(int32, optional, tag = "17")]
    pub(crate) ttl: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "21")]
    pub(crate) raw_data: Option<Vec<u8>>,
    #[prost(bool, optional, tag = "24")]
    pub(crate) immediate_ack: Option<bool>,
}

impl Push {
    pub(crate) fn app_data(&self, key: &str) -> Option<&str> {
        let found = self.app_data.iter().find(|data| data.key == key);
        found.map(|data| data.value.as_str())
    }
}

/// Checks in and answers the identity.
pub(crate) async fn check_in(service: &PushService, id: Option<i64>) -> u64 {
    let response = sender::client(service)
        .post(&service.description().checkin)
        .body(CheckinRequest { id }.encode_to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let response = CheckinResponse::decode(response.bytes().await.unwrap()).unwrap();
    assert_eq!(response.stats_ok, Some(true));
    assert_ne!(response.security_token, Some(0));
    response.android_id.filter(|id| *id != 0).unwrap()
}

/// Posts a registration form and answers the text.
pub(crate) async fn register(service: &PushService, pairs: &[(&str, &str)]) -> String {
    let form: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F").replace('#', "%23")))
        .collect();
    let response = sender::client(service)
        .post(&service.description().register)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.join("&"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

/// Subscribes and answers the endpoint as Chromium makes it.
pub(crate) async fn subscribe(service: &PushService, device: u64, subtype: &str, key: &str) -> String {
    let device = device.to_string();
    let text = register(
        service,
        &[
            ("app", "org.chromium.linux"),
            ("X-subtype", subtype),
            ("device", &device),
            ("scope", "GCM"),
            ("sender", key),
        ],
    )
    .await;
    let token = text.strip_prefix("token=").unwrap();
    format!("https://jmt17.google.com/fcm/send/{token}")
}

/// An MCS connection.
pub(crate) struct Mcs {
    stream: TlsStream<TcpStream>,
}

impl Mcs {
    pub(crate) async fn connect(service: &PushService) -> Self {
        let address = service.description().mcs.trim_start_matches("https://");
        let tcp = TcpStream::connect(address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(sender::tls(service)));
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let stream = connector.connect(name, tcp).await.unwrap();
        Self { stream }
    }

    /// Connects and logs in, naming messages it has had already.
    pub(crate) async fn login(service: &PushService, device: u64, received: &[&str]) -> Self {
        let mut mcs = Self::connect(service).await;
        let login = Login {
            id: "chrome-156".to_owned(),
            domain: "mcs.android.com".to_owned(),
            user: device.to_string(),
            received_persistent_id: received.iter().map(|&id| id.to_owned()).collect(),
        };
        mcs.stream.write_all(&[41]).await.unwrap();
        mcs.send(2, &login).await;
        assert_eq!(mcs.stream.read_u8().await.unwrap(), 41);
        assert_eq!(mcs.receive().await.unwrap().0, 3);
        mcs
    }

    pub(crate) async fn send(&mut self, tag: u8, message: &impl prost::Message) {
        let mut frame = vec![tag];
        frame.extend(message.encode_length_delimited_to_vec());
        self.send_bytes(&frame).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next frame; `None` when the service has hung up.
    pub(crate) async fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let frame = async {
            let tag = self.stream.read_u8().await.ok()?;
            let mut length = 0;
            for shift in (0..).step_by(7) {
                let byte = self.stream.read_u8().await.ok()?;
                length |= usize::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.ok()?;
            Some((tag, body))
        };
        tokio::time::timeout(PATIENCE, frame).await.expect("the service says nothing")
    }

    pub(crate) async fn push(&mut self) -> Push {
        let (tag, body) = self.receive().await.expect("the service hung up");
        assert_eq!(tag, 8);
        Push::decode(&body[..]).unwrap()
    }

    /// Acknowledges all frames up to this one.
    pub(crate) async fn acknowledge(&mut self, last: i32) {
        let iq = Iq { kind: 1, id: String::new(), last_stream_id_received: Some(last) };
        self.send(7, &iq).await;
    }
}
