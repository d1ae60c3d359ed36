//! Starting and stopping, and every reason not to.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
    time::Duration,
};

use tidings_server::{Config, Server, StartError};

use crate::{
    fake::Fake,
    setup::{Api, config},
};

/// The error with its causes, as the command line prints it.
fn text(error: &StartError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn refused(config: Config) -> StartError {
    Server::start(config).await.expect_err("must not start")
}

#[tokio::test]
async fn makes_a_data_folder_for_its_owner_alone() {
    let api = Api::start(None).await;
    let data = api.folder.path().join("data");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    assert_eq!(mode(&data), 0o700);
    let files: &[&str] = if crate::database::is_postgres() { &["vapid.pem"] } else { &["vapid.pem", "tidings.db"] };
    for file in files {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn names_the_port_in_use() {
    let api = Api::start(None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(&folder);
    config.address = api.server.address();
    let error = refused(config).await;
    assert!(matches!(error, StartError::PortInUse { address, .. } if address == api.server.address()));
    let text = text(&error);
    assert!(text.contains(&api.server.address().port().to_string()) && text.contains("--address"), "{text}");
}

#[tokio::test]
async fn names_what_is_wrong_with_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    for contact in ["", "me@example.com", "mailto:me", "http://example.com", "https://", "javascript:alert(1)"] {
        let mut config = config(&folder);
        config.contact = contact.into();
        assert!(matches!(refused(config).await, StartError::Contact(_)), "{contact}");
    }
    let mut wrong = config(&folder);
    wrong.www = Some(folder.path().join("www"));
    assert!(text(&refused(wrong).await).contains("--www"));
    let mut wrong = config(&folder);
    wrong.address = ([203, 0, 113, 1], 0).into();
    assert!(matches!(refused(wrong).await, StartError::Listen { .. }));
    let mut wrong = config(&folder);
    let mut service = Fake::start().await.service;
    service.certificate_pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----".into();
    wrong.local_push_service = Some(service);
    assert!(matches!(refused(wrong).await, StartError::LocalPushService(_)));
}

#[tokio::test]
async fn names_what_is_wrong_with_the_data_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("written");
    for path in [folder.path().join("file"), folder.path().join("file/data"), "/proc/tidings".into()] {
        let error = refused(Config::new(&path)).await;
        assert!(matches!(error, StartError::DataFolder { .. }), "{error:?}");
        assert!(text(&error).contains("--data"), "{error}");
    }

    Server::start(config(&folder)).await.expect("starts").stop().await;
    let key = folder.path().join("data/vapid.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o604)).expect("chmod");
    assert!(text(&refused(config(&folder)).await).contains("chmod 600"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("chmod");
    fs::write(&key, "no key").expect("written");
    assert!(text(&refused(config(&folder)).await).contains("put back your copy"));
    fs::remove_file(&key).expect("removed");
    fs::write(folder.path().join("data/tidings.db"), [b'x'; 5000]).expect("written");
    let error = refused(config(&folder)).await;
    assert!(matches!(error, StartError::Database { .. }));
    assert!(text(&error).contains("put back your copy of tidings.db"), "{}", text(&error));
}

const READ_ONLY_FOLDER: &str = "TIDINGS_TEST_READ_ONLY_FOLDER";

/// Permissions do not bind root, so root runs the test again as somebody else.
#[tokio::test]
async fn says_that_the_data_folder_is_read_only() {
    if let Some(folder) = std::env::var_os(READ_ONLY_FOLDER) {
        let error = refused(Config::new(folder)).await;
        assert!(matches!(error, StartError::DataFolder { .. } | StartError::Database { .. }), "{error:?}");
        assert!(text(&error).contains("writ"), "{}", text(&error));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    Server::start(config(&folder)).await.expect("starts").stop().await;
    let data = folder.path().join("data");
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    let mut again = Command::new(std::env::current_exe().expect("this test"));
    again.args(["--exact", "start::says_that_the_data_folder_is_read_only"]).env(READ_ONLY_FOLDER, &data);
    if fs::metadata(&data).is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0) {
        set(folder.path(), 0o755);
        std::os::unix::fs::chown(&data, Some(65534), Some(65534)).expect("chown");
        for entry in fs::read_dir(&data).expect("readable") {
            std::os::unix::fs::chown(entry.expect("an entry").path(), Some(65534), Some(65534)).expect("chown");
        }
        again.uid(65534).gid(65534);
    }
    let run = |command: &mut Command| {
        let output = command.output().expect("runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    };
    set(&data, 0o500);
    run(&mut again);
    set(&data, 0o700);
    set(&data.join("tidings.db"), 0o400);
    run(&mut again);
}

#[tokio::test]
async fn stops_at_once_although_a_client_stays_connected() {
    let api = Api::start(None).await;
    api.get("/api/v1/health").await;
    let address = api.server.address();
    let _silent = tokio::net::TcpStream::connect(address).await.expect("connects");
    tokio::time::timeout(Duration::from_secs(8), api.server.stop()).await.expect("stops");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
