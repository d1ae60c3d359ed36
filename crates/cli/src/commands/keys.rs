//! `tidings keys`.

use std::path::PathBuf;

use anyhow::{bail, ensure};
use serde_json::json;
use tidings_server::{
    VapidKey,
    config::DEFAULT_CONTACT,
    vapid::{FILE, KeyRing},
};

/// Make a VAPID key pair, show the public key of a data folder, or rotate its key
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  tidings keys                     a new pair, to read
  tidings keys --env >> .env       a new pair, for an app that sends by itself
  tidings keys --pem > vapid.pem   a new pair, as `tidings serve` keeps it (chmod 600 it)
  tidings keys --data ./data       the public key of a server
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
    #[arg(long, group = "format", conflicts_with = "data")]
    pem: bool,
    /// Print the public key of this data folder instead of making a pair
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Whom push services may contact, for --env: a mailto: or https: URL
    #[arg(long, value_name = "URL", default_value = DEFAULT_CONTACT)]
    contact: String,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a new current key; running servers take it up within a second, and pages when they are next opened
    Rotate {
        /// The server's data folder
        #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// List the versions of all keys, the current one last
    List {
        /// The server's data folder
        #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// Remove an old key: who is still subscribed with it gets nothing any more
    Retire {
        /// Its version, as `list` shows it
        version: String,
        /// The server's data folder
        #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", default_value = "data")]
        data: PathBuf,
    },
}

impl Command {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Rotate { data } => {
                has_key(&data)?;
                println!("{}", KeyRing::rotate(&data)?.public_key());
                eprintln!("New subscriptions are made with this key. The old ones keep theirs: keep all vapid*.pem.");
            }
            Self::List { data } => {
                has_key(&data)?;
                for version in KeyRing::open(&data, DEFAULT_CONTACT.into())?.versions() {
                    println!("{version}");
                }
            }
            Self::Retire { version, data } => {
                has_key(&data)?;
                if !KeyRing::retire(&data, &version)? {
                    bail!("there is no old key {version}: `tidings keys list` shows them, and the current one stays");
                }
            }
        }
        Ok(())
    }
}

fn has_key(folder: &std::path::Path) -> anyhow::Result<()> {
    ensure!(
        folder.join(FILE).exists(),
        "there is no key in {}: name another folder with --data, or make one with `tidings serve`",
        folder.display()
    );
    Ok(())
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        if let Some(command) = self.command {
            return command.run();
        }
        let text = match &self.data {
            Some(folder) => {
                has_key(folder)?;
                let key = VapidKey::load(folder)?;
                self.public(&key)
            }
            None => self.pair(&VapidKey::generate()),
        };
        println!("{text}");
        Ok(())
    }

    fn public(&self, key: &VapidKey) -> String {
        let public = key.public_key();
        if self.json {
            json!({ "publicKey": public }).to_string()
        } else if self.env {
            format!("VAPID_PUBLIC_KEY={public}\nVAPID_SUBJECT={}", self.contact)
        } else {
            public
        }
    }

    fn pair(&self, key: &VapidKey) -> String {
        let (public, private) = (key.public_key(), key.private_key());
        if self.json {
            json!({ "publicKey": public, "privateKey": private }).to_string()
        } else if self.env {
            format!("VAPID_PUBLIC_KEY={public}\nVAPID_PRIVATE_KEY={private}\nVAPID_SUBJECT={}", self.contact)
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

    #[test]
    fn rotates_lists_and_retires() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = || folder.path().to_owned();
        let error = Command::Rotate { data: data() }.run().expect_err("no key");
        assert!(error.to_string().contains("tidings serve"), "{error}");
        let old = VapidKey::load_or_create(folder.path()).expect("made").version();
        Command::Rotate { data: data() }.run().expect("rotated");
        let versions = || KeyRing::open(folder.path(), DEFAULT_CONTACT.into()).expect("opens").versions();
        let both = versions();
        assert_eq!((both.len(), both[0].as_str()), (2, old.as_str()));
        Command::List { data: data() }.run().expect("listed");
        assert!(Command::Retire { version: both[1].clone(), data: data() }.run().is_err(), "the current one stays");
        Command::Retire { version: old, data: data() }.run().expect("retired");
        assert_eq!(versions(), both[1..]);
    }
}
