//! `tidings keys`.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::json;
use tidings_server::{VapidKey, config::DEFAULT_CONTACT, vapid::FILE};

/// Make a VAPID key pair, or show the public key of a data folder
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tidings keys                     a new pair, to read
  tidings keys --env >> .env       a new pair, for an app that sends by itself
  tidings keys --pem > vapid.pem   a new pair, as `tidings serve` keeps it (chmod 600 it)
  tidings keys --data ./data       the public key of a server

Nothing is stored. The private key is a secret: who has it can send to your users.
A server makes its own pair at its first start; it needs none from here.")]
pub(crate) struct Args {
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

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let text = match &self.data {
            Some(folder) => {
                ensure!(
                    folder.join(FILE).exists(),
                    "there is no key in {}: name another folder with --data, or make one with `tidings serve`",
                    folder.display()
                );
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
