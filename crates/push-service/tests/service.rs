//! Starting, stopping, describing itself, and the proxy.

#![allow(clippy::unwrap_used)]

mod common;

use common::sender::{client, proxied};
use common::service;
use tidings_push_service::{Config, Description, PushService, StartError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn describes_itself() {
    let service = service().await;
    let url = format!("{}/about", service.description().http);
    let response = client(&service).get(&url).send().await.unwrap();
    let text = response.text().await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["hosts"], serde_json::json!(["jmt17.google.com", "fcm.googleapis.com"]));
    assert!(json["webSocket"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
    assert!(json["certificatePem"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    let description: Description = serde_json::from_str(&text).unwrap();
    assert_eq!(&description, service.description());
}

#[tokio::test]
async fn names_the_port_in_use_and_the_option() {
    let service = service().await;
    let http = service.description().http.trim_start_matches("http://").parse().unwrap();
    let tls = service.description().https.trim_start_matches("https://").parse().unwrap();
    for (config, option) in [
        (Config { http, ..Config::ephemeral() }, "--address"),
        (Config { tls, ..Config::ephemeral() }, "--tls-address"),
    ] {
        let error = PushService::start(config).await.unwrap_err();
        assert!(matches!(error, StartError::PortInUse { .. }));
        let text = error.to_string();
        assert!(text.contains("is in use") && text.ends_with(option), "{text}");
    }
}

#[tokio::test]
async fn frees_its_ports_when_it_stops() {
    let first = service().await;
    let http = first.description().http.trim_start_matches("http://").parse().unwrap();
    let mut idle = TcpStream::connect::<std::net::SocketAddr>(http).await.unwrap();
    idle.write_all(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(idle.read_u8().await.unwrap(), b'H');
    first.stop().await;
    let mut rest = Vec::new();
    let end = idle.read_to_end(&mut rest);
    tokio::time::timeout(common::PATIENCE, end).await.expect("idle connections end").unwrap();
    let again = Config { http, ..Config::ephemeral() };
    PushService::start(again).await.unwrap().stop().await;
}

#[tokio::test]
async fn keeps_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let data = Some(folder.path().to_owned());
        let service = PushService::start(Config { data, ..Config::ephemeral() }).await.unwrap();
        seen.push(service.description().spki_sha256.clone());
        service.stop().await;
    }
    assert_eq!(seen[0], seen[1]);
}

/// What the proxy answers to a request as it stands.
async fn raw(service: &PushService, request: &str) -> String {
    let address = service.description().proxy.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn the_proxy_leads_nowhere_else() {
    let service = service().await;
    for target in [
        "example.com:443",
        "fcm.googleapis.com:80",
        "fcm.googleapis.com.example.com:443",
        "127.0.0.1:22",
        "localhost:443",
    ] {
        let answer = raw(&service, &format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{target}: {answer}");
        assert!(answer.contains("leads to the local push service only"), "{answer}");
    }
    let answer = raw(&service, "GET http://example.com/about HTTP/1.1\r\nHost: example.com\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let tunnel = "CONNECT fcm.googleapis.com:443 HTTP/1.1\r\nHost: fcm.googleapis.com:443\r\n\r\n";
    assert!(raw(&service, tunnel).await.starts_with("HTTP/1.1 200"));
    assert!(proxied(&service).get("https://example.com/").send().await.is_err());
}

#[tokio::test]
async fn a_whole_url_of_its_own_is_fine() {
    let service = service().await;
    let http = &service.description().http;
    let host = http.trim_start_matches("http://");
    let answer = raw(&service, &format!("GET {http}/about HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
