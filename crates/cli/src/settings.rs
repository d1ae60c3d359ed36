//! Settings: flags before environment variables before a file before defaults.

use std::{
    fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, ensure};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use tidings_server::{Config, config::DEFAULT_CONTACT, limits::Limits, services::Pattern};
use url::Url;

/// The data folder, if nothing is said.
const DATA: &str = "data";

/// Where the subscriptions, the keys and the tokens are.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Store {
    /// A TOML file with settings; flags and environment variables go before it
    #[arg(long, value_name = "FILE", env = "TIDINGS_CONFIG", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the database and the VAPID key, made at the first start [default: data]
    #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", global = true)]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL database in place of the file in the data folder: postgres://user:password@host/name
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub(crate) database: Option<String>,
}

/// How messages go out.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Outgoing {
    /// A proxy to reach push services by, as `http://proxy.example:3128`. It looks names up itself: it must not lead into your network
    #[arg(long, value_name = "URL", env = "TIDINGS_PROXY", hide_env_values = true)]
    proxy: Option<Url>,
    /// How many seconds a push service may take to answer, 1 to 300 [default: 30]
    #[arg(long, value_name = "SECONDS", env = "TIDINGS_SEND_TIMEOUT")]
    send_timeout: Option<Seconds>,
}

/// 1 to 300.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct Seconds(u64);

impl TryFrom<u64> for Seconds {
    type Error = String;

    fn try_from(seconds: u64) -> Result<Self, String> {
        if (1..=300).contains(&seconds) { Ok(Self(seconds)) } else { Err(format!("{seconds} is not 1 to 300 seconds")) }
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<u64>().map_err(|_| format!("{text} is not 1 to 300 seconds"))?.try_into()
    }
}

/// How long what is over is kept.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct Keep {
    /// For how many days a send is kept once it is over, or `forever` [default: 30]
    #[arg(long, value_name = "DAYS", env = "TIDINGS_KEEP_SENDS")]
    keep_sends: Option<Days>,
    /// For how many days receipts are kept, and counted, or `forever` [default: 90]
    #[arg(long, value_name = "DAYS", env = "TIDINGS_KEEP_RECEIPTS")]
    keep_receipts: Option<Days>,
}

impl Keep {
    /// Goes before what `config` says.
    pub(crate) fn over(self, config: &mut Config) {
        if let Some(Days(keep)) = self.keep_sends {
            config.keep_sends = keep;
        }
        if let Some(Days(keep)) = self.keep_receipts {
            config.keep_receipts = keep;
        }
    }
}

/// 1 to 36500 days; none: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NumberOrText")]
pub(crate) struct Days(Option<Duration>);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl TryFrom<NumberOrText> for Days {
    type Error = String;

    fn try_from(said: NumberOrText) -> Result<Self, String> {
        match said {
            NumberOrText::Text(text) if text == "forever" => Ok(Self(None)),
            NumberOrText::Number(days) if (1..=36500).contains(&days) => {
                Ok(Self(Some(Duration::from_secs(days * 24 * 60 * 60))))
            }
            NumberOrText::Number(days) => Err(format!("{days} is not 1 to 36500 days: for ever is `forever`")),
            NumberOrText::Text(text) => Err(format!("{text} is neither 1 to 36500 days nor `forever`")),
        }
    }
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map_or_else(|_| NumberOrText::Text(text.to_owned()), NumberOrText::Number).try_into()
    }
}

impl Outgoing {
    /// Goes before what the file has said.
    pub(crate) fn over(&self, config: &mut Config) {
        if let Some(proxy) = &self.proxy {
            config.proxy = Some(proxy.clone());
        }
        if let Some(timeout) = self.send_timeout {
            allow(config, timeout);
        }
    }
}

/// For who waits for one message, and for jobs.
fn allow(config: &mut Config, Seconds(seconds): Seconds) {
    config.send_timeout = Duration::from_secs(seconds);
    if let Some(options) = &mut config.runner {
        options.timeout = config.send_timeout;
    }
}

/// What a file may say; the names are those of the flags of `tidings serve`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct File {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) database: Option<String>,
    pub(crate) www: Option<PathBuf>,
    pub(crate) contact: Option<String>,
    pub(crate) metrics: Option<SocketAddr>,
    #[serde(deserialize_with = "patterns")]
    pub(crate) allow_push_service: Vec<Pattern>,
    pub(crate) trusted_proxy: Vec<IpNet>,
    proxy: Option<Url>,
    send_timeout: Option<Seconds>,
    keep_sends: Option<Days>,
    keep_receipts: Option<Days>,
    pub(crate) limits: FileLimits,
}

/// The table `[limits]`; times are seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct FileLimits {
    rate: Option<NonZeroU32>,
    burst: Option<NonZeroU32>,
    guesses: Option<NonZeroU32>,
    header: Option<NonZeroU32>,
    body: Option<NonZeroU32>,
    connections: Option<NonZeroU32>,
}

impl Store {
    /// Reads the file, if one is named. Paths in it are relative to its folder.
    pub(crate) fn file(&self) -> anyhow::Result<File> {
        let Some(path) = &self.config else { return Ok(File::default()) };
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut file: File = toml::from_str(&text).with_context(|| format!("{} cannot be used", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for path in [&mut file.data, &mut file.www].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        Ok(file)
    }

    /// The settings of a server with this store.
    pub(crate) fn config(&self, file: &File) -> Config {
        let data = self.data.clone().or_else(|| file.data.clone()).unwrap_or_else(|| DATA.into());
        let mut config = Config::new(data);
        config.database = self.database.clone().or_else(|| file.database.clone());
        config.contact = file.contact.clone().unwrap_or_else(|| DEFAULT_CONTACT.into());
        for pattern in &file.allow_push_service {
            config.push_services.allow(pattern.clone());
        }
        config.limits = file.limits.over(Limits::default());
        config.proxy.clone_from(&file.proxy);
        Keep { keep_sends: file.keep_sends, keep_receipts: file.keep_receipts }.over(&mut config);
        if let Some(timeout) = file.send_timeout {
            allow(&mut config, timeout);
        }
        config
    }

    /// The same for commands that work with what a server has made, and make no data folder themselves.
    pub(crate) fn existing(&self) -> anyhow::Result<Config> {
        let config = self.config(&self.file()?);
        ensure!(
            config.data.join(tidings_server::vapid::FILE).is_file(),
            "{} is no data folder: name another with --data, or make one with `tidings serve`",
            config.data.display()
        );
        Ok(config)
    }
}

impl FileLimits {
    fn over(&self, limits: Limits) -> Limits {
        let seconds =
            |value: Option<NonZeroU32>, default| value.map_or(default, |value| Duration::from_secs(value.get().into()));
        Limits {
            rate: self.rate.unwrap_or(limits.rate),
            burst: self.burst.unwrap_or(limits.burst),
            guesses: self.guesses.unwrap_or(limits.guesses),
            header: seconds(self.header, limits.header),
            body: seconds(self.body, limits.body),
            connections: self.connections.map_or(limits.connections, |value| value.get() as usize),
        }
    }
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    let all = Vec::<String>::deserialize(deserializer)?;
    all.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: &str) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tidings.toml");
        fs::write(&path, text).expect("written");
        (folder, Store { config: Some(path), ..Store::default() })
    }

    #[test]
    fn flags_go_before_the_file_and_the_file_before_defaults() {
        let (folder, mut store) = write(
            "data = 'store'\ncontact = 'https://app.example/contact'\nallow-push-service = ['push.example']\n[limits]\nrate = 5\nbody = 3",
        );
        let config = store.config(&store.file().expect("good"));
        assert_eq!(config.data, folder.path().join("store"));
        assert_eq!(config.contact, "https://app.example/contact");
        assert!(config.push_services.allows(&"https://push.example/1".parse().expect("a URL")));
        assert_eq!((config.limits.rate.get(), config.limits.body), (5, Duration::from_secs(3)));
        assert_eq!(config.limits.burst, Limits::default().burst);
        let (_folder, with_timeout) = write("send-timeout = 7\nproxy = 'http://proxy.example:3128'");
        let mut other = with_timeout.config(&with_timeout.file().expect("good"));
        assert_eq!(other.proxy.as_ref().and_then(Url::host_str), Some("proxy.example"));
        for (flag, seconds) in [(None, 7), (Some(Seconds(9)), 9)] {
            Outgoing { send_timeout: flag, proxy: None }.over(&mut other);
            let times = (other.send_timeout, other.runner.as_ref().expect("it sends").timeout);
            assert_eq!(times, (Duration::from_secs(seconds), Duration::from_secs(seconds)));
        }
        let day = Duration::from_secs(24 * 60 * 60);
        let (_folder, keeping) = write("keep-sends = 7\nkeep-receipts = 'forever'");
        let mut other = keeping.config(&keeping.file().expect("good"));
        assert_eq!((other.keep_sends, other.keep_receipts), (Some(7 * day), None));
        Keep { keep_sends: "forever".parse().ok(), keep_receipts: "36500".parse().ok() }.over(&mut other);
        assert_eq!((other.keep_sends, other.keep_receipts), (None, Some(36500 * day)));
        store.data = Some("elsewhere".into());
        assert_eq!(store.config(&store.file().expect("good")).data, Path::new("elsewhere"));
        let none = Store::default();
        assert_eq!(none.config(&none.file().expect("none")).data, Path::new(DATA));
    }

    #[test]
    fn the_documented_file_is_a_good_one() {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/server.md");
        let text = fs::read_to_string(document).expect("readable");
        let file = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a file");
        let (_folder, store) = write(file);
        let config = store.config(&store.file().expect("good"));
        assert_eq!(config.limits, Limits::default(), "it shows the defaults");
        assert_eq!(config.contact, "mailto:you@example.com");
        let default = Config::new("data");
        assert_eq!((config.keep_sends, config.keep_receipts), (default.keep_sends, default.keep_receipts));
    }

    #[test]
    fn names_what_is_wrong_with_a_file() {
        for (text, names) in [
            ("adress = '127.0.0.1:1'", "adress"),
            ("address = 'here'", "address"),
            ("allow-push-service = ['a b']", "a b"),
            ("[limits]\nrate = 0", "rate"),
            ("send-timeout = 301", "send-timeout"),
            ("keep-sends = 0", "forever"),
            ("keep-receipts = '30d'", "30d"),
            ("address", "line 1"),
        ] {
            let (_folder, store) = write(text);
            let error = format!("{:#}", store.file().expect_err("wrong"));
            assert!(error.contains(names) && error.contains("tidings.toml"), "{error}");
        }
    }
}
