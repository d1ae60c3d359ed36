//! `tidings keys`.

use std::path::PathBuf;

use anyhow::bail;
use serde_json::json;
use tidings_server::{Config, VapidKey, config::DEFAULT_CONTACT, vapid::KeyRing};

use crate::settings::Store;

/// Make a VAPID key pair, show the public key of a data folder, or rotate its key
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  tidings keys                     a new pair, to read
  tidings keys --env >> .env       a new pair, for an app that sends by itself
  tidings keys --pem > vapid.pem   a new pair, as `tidings serve` keeps it (chmod 600 it)
  tidings keys --data ./data       the public key of a server
  tidings keys --config tidings.toml
                                   the same, of a server with this file
  tidings keys rotate --data ./data
                                   a new key for new subscriptions; the old ones keep theirs
  tidings keys list --data ./data  all keys of a server, the current one last

Without a command nothing is stored. The private key is a secret: who has it can send to your users.
A server makes its own pair at its first start; it needs none from here."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print JSON
    #[arg(long, group = "format")]
    json: bool,
    /// Print lines for an .env file
    #[arg(long, group = "format")]
    env: bool,
    /// Print the pair as PKCS#8 PEM
    #[arg(long, group = "format", conflicts_with_all = ["data", "config"])]
    pem: bool,
    /// Print the public key of this data folder instead of making a pair
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The same, of the data folder that this TOML file of a server names
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Whom push services may contact, for --env: a mailto: or https: URL (default: that of the file, or mailto:admin@localhost)
    #[arg(long, value_name = "URL")]
    contact: Option<String>,
}

/// Whose keys.
#[derive(clap::Args)]
struct Server {
    /// The TOML file of the server, which may name its data folder
    #[arg(long, value_name = "FILE", env = "TIDINGS_CONFIG")]
    config: Option<PathBuf>,
    /// The server's data folder [default: that of the file, or data]
    #[arg(long, value_name = "DIR", env = "TIDINGS_DATA")]
    data: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a new current key; running servers take it up within a second, and pages when they are next opened
    Rotate(Server),
    /// List the versions of all keys, the current one last
    List(Server),
    /// Remove an old key: who is still subscribed with it gets nothing any more
    Retire {
        /// Its version, as `list` shows it
        version: String,
        #[command(flatten)]
        server: Server,
    },
}

impl Command {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Rotate(server) => {
                let folder = settings(server.config, server.data)?.data;
                println!("{}", KeyRing::rotate(&folder)?.public_key());
                eprintln!("New subscriptions are made with this key. The old ones keep theirs: keep all vapid*.pem.");
            }
            Self::List(server) => {
                let folder = settings(server.config, server.data)?.data;
                for version in KeyRing::open(&folder, DEFAULT_CONTACT.into())?.versions() {
                    println!("{version}");
                }
            }
            Self::Retire { version, server } => {
                let folder = settings(server.config, server.data)?.data;
                if !KeyRing::retire(&folder, &version)? {
                    bail!("there is no old key {version}: `tidings keys list` shows them, and the current one stays");
                }
            }
        }
        Ok(())
    }
}

/// Those of a server that has keys.
fn settings(config: Option<PathBuf>, data: Option<PathBuf>) -> anyhow::Result<Config> {
    Store { config, data, database: None }.existing()
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Some(command) => command.run()?,
            None => println!("{}", self.text()?),
        }
        Ok(())
    }

    fn text(mut self) -> anyhow::Result<String> {
        if self.data.is_none() && self.config.is_none() {
            return Ok(self.pair(&VapidKey::generate()));
        }
        let config = settings(self.config.take(), self.data.take())?;
        let key = VapidKey::load(&config.data)?;
        self.contact.get_or_insert(config.contact);
        Ok(self.public(&key))
    }

    fn contact(&self) -> &str {
        self.contact.as_deref().unwrap_or(DEFAULT_CONTACT)
    }

    fn public(&self, key: &VapidKey) -> String {
        let public = key.public_key();
        if self.json {
            json!({ "publicKey": public }).to_string()
        } else if self.env {
            format!("VAPID_PUBLIC_KEY={public}\nVAPID_SUBJECT={}", self.contact())
        } else {
            public
        }
    }

    fn pair(&self, key: &VapidKey) -> String {
        let (public, private) = (key.public_key(), key.private_key());
        if self.json {
            json!({ "publicKey": public, "privateKey": private }).to_string()
        } else if self.env {
            format!("VAPID_PUBLIC_KEY={public}\nVAPID_PRIVATE_KEY={private}\nVAPID_SUBJECT={}", self.contact())
        } else if self.pem {
            key.to_pem().trim_end().to_owned()
        } else {
            format!("Public key:  {public}\nPrivate key: {private}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is typed after `tidings keys`, as it is read.
    fn typed(words: &[&str]) -> Args {
        #[derive(clap::Parser)]
        struct Typed {
            #[command(flatten)]
            args: Args,
        }
        <Typed as clap::Parser>::try_parse_from([&["keys"], words].concat()).expect("good").args
    }

    fn run(words: &[&str]) -> anyhow::Result<()> {
        typed(words).command.expect("a command").run()
    }

    #[test]
    fn rotates_lists_and_retires() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_str().expect("text");
        let error = run(&["rotate", "--data", data]).expect_err("no key");
        assert!(error.to_string().contains("tidings serve"), "{error}");
        let old = VapidKey::load_or_create(folder.path()).expect("made").version();
        run(&["rotate", "--data", data]).expect("rotated");
        let versions = || KeyRing::open(folder.path(), DEFAULT_CONTACT.into()).expect("opens").versions();
        let both = versions();
        assert_eq!((both.len(), both[0].as_str()), (2, old.as_str()));
        run(&["list", "--data", data]).expect("listed");
        assert!(run(&["retire", &both[1], "--data", data]).is_err(), "the current one stays");
        run(&["retire", &old, "--data", data]).expect("retired");
        assert_eq!(versions(), both[1..]);
    }

    #[test]
    fn the_file_of_a_server_says_where_its_keys_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tidings.toml");
        std::fs::write(&file, "data = 'store'\ncontact = 'mailto:push@example.com'").expect("written");
        let file = file.to_str().expect("text");
        let error = run(&["list", "--config", file]).expect_err("no key");
        assert!(error.to_string().contains("store"), "{error}");
        std::fs::create_dir(folder.path().join("store")).expect("made");
        VapidKey::load_or_create(&folder.path().join("store")).expect("made");
        run(&["rotate", "--config", file]).expect("rotated");
        let new = VapidKey::load(&folder.path().join("store")).expect("there").public_key();
        let text = |more: &[&str]| typed(&[&["--config", file], more].concat()).text().expect("shown");
        assert_eq!(text(&[]), new);
        assert_eq!(text(&["--env"]), format!("VAPID_PUBLIC_KEY={new}\nVAPID_SUBJECT=mailto:push@example.com"));
        let other = text(&["--env", "--contact", "mailto:me@example.com"]);
        assert!(other.ends_with("\nVAPID_SUBJECT=mailto:me@example.com"), "{other}");
        let elsewhere = folder.path().to_str().expect("text");
        let error = run(&["list", "--config", file, "--data", elsewhere]).expect_err("a flag goes before the file");
        assert!(error.to_string().contains(elsewhere), "{error}");
    }
}
