#![allow(clippy::unwrap_used)]

use super::*;

fn service() -> Description {
    Description {
        http: "http://127.0.0.1:1".to_owned(),
        web_socket: "ws://127.0.0.1:1/".to_owned(),
        checkin: "http://127.0.0.1:1/checkin".to_owned(),
        register: "http://127.0.0.1:1/register".to_owned(),
        mcs: "https://127.0.0.1:2".to_owned(),
        https: "https://127.0.0.1:2".to_owned(),
        proxy: "http://127.0.0.1:1".to_owned(),
        hosts: Vec::new(),
        certificate_pem: String::new(),
        spki_sha256: "c3BraQ==".to_owned(),
    }
}

/// Any program will do where none is started.
fn options(kind: Kind) -> Options {
    Options {
        program: Some(std::env::current_exe().unwrap()),
        url: Some("http://localhost:8080/".parse().unwrap()),
        ..Options::new(kind)
    }
}

fn planned(options: &Options) -> Value {
    serde_json::to_value(plan(options, &service()).unwrap()).unwrap()
}

fn args(plan: &Value) -> Vec<&str> {
    plan["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect()
}

#[test]
fn chromium_is_wired_by_switches() {
    let allow = vec!["http://localhost:8080".parse().unwrap()];
    let plan = planned(&Options { allow, headless: true, ..options(Kind::Chromium) });
    let args = args(&plan);
    for wanted in [
        "--gcm-checkin-url=http://127.0.0.1:1/checkin",
        "--gcm-registration-url=http://127.0.0.1:1/register",
        "--gcm-mcs-endpoint=https://127.0.0.1:2",
        "--ignore-certificate-errors-spki-list=c3BraQ==",
        "--headless=new",
    ] {
        assert!(args.contains(&wanted), "{wanted} in {args:?}");
    }
    assert_eq!(args.last(), Some(&"http://localhost:8080/"));
    assert!(!args.iter().any(|arg| arg.starts_with("--remote-debugging") || arg.starts_with("--user-data-dir")));
    let notifications = &plan["prefs"]["profile"]["content_settings"]["exceptions"]["notifications"];
    assert_eq!(notifications["http://localhost:8080,*"]["setting"], 1);
}

#[test]
fn firefox_is_wired_by_preferences() {
    let plan = planned(&options(Kind::Firefox));
    let prefs = &plan["prefs"];
    assert_eq!(prefs["dom.push.serverURL"], "ws://127.0.0.1:1/");
    let first_page = "http://127.0.0.1:1/open?url=http%3A%2F%2Flocalhost%3A8080%2F";
    assert_eq!(args(&plan).last(), Some(&first_page));
    assert_eq!(prefs["dom.push.testing.allowInsecureServerURL"], true);
    assert_eq!(prefs["network.proxy.ssl_port"], 1);
    assert_eq!(prefs["permissions.default.desktop-notification"], Value::Null);
    assert_eq!(plan["env"]["MOZ_REMOTE_SETTINGS_DEVTOOLS"], "1");
    let allow = vec!["http://localhost:8080".parse().unwrap()];
    let plan = planned(&Options { allow, ..options(Kind::Firefox) });
    assert_eq!(plan["prefs"]["permissions.default.desktop-notification"], 1);
}

#[test]
fn a_profile_brings_a_home_and_nothing_is_written() {
    for kind in [Kind::Chromium, Kind::Firefox] {
        let none = planned(&options(kind));
        assert_eq!(none["profile"], Value::Null);
        assert_eq!(none["env"]["HOME"], Value::Null);
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("it");
        let plan = planned(&Options { profile: Some(profile.clone()), ..options(kind) });
        assert_eq!(plan["profile"], profile.to_str().unwrap());
        assert_eq!(plan["env"]["HOME"], home(&profile).to_str().unwrap());
        assert!(args(&plan).iter().any(|arg| arg.contains(profile.to_str().unwrap())));
        assert!(!profile.exists());
    }
}

#[test]
fn a_missing_program_is_named() {
    let options = Options { program: Some("/nowhere/browser".into()), ..options(Kind::Firefox) };
    let error = plan(&options, &service()).unwrap_err().to_string();
    assert!(error.contains("/nowhere/browser") && error.contains("--program"), "{error}");
}

#[tokio::test]
async fn a_missing_push_service_is_named() {
    let error = discover(&"http://127.0.0.1:9".parse().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("http://127.0.0.1:9:") && error.contains("tidings push-service"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_closed_browser_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let plan = Plan {
        program: "/bin/sh".into(),
        args: vec!["-c".to_owned(), "sleep 60 & wait".to_owned()],
        env: environment::clean(None),
        profile: None,
        prefs: Map::new(),
    };
    let browser = Browser::start(&plan, Some(folder)).unwrap();
    assert!(browser.pid().is_some());
    browser.close().await.unwrap();
    assert!(!path.exists());
}
