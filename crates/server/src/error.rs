//! Why a server does not start.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::{store::StoreError, vapid::KeyError};

/// Why a server does not start, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The contact is neither a `mailto:` nor an `https:` URL.
    #[error(
        "the contact {0:?} must be like mailto:you@example.com or https://example.com/contact: set it with --contact"
    )]
    Contact(String),
    /// The proxy is neither `http:` nor `https:`; its scheme. The URL may hold a password, and is not shown.
    #[error("a proxy must be like http://proxy.example:3128, not {0}: set it with --proxy")]
    Proxy(String),
    /// The folder of static files is missing.
    #[error("there is no folder {}: build the demo first, or name another folder with --www", .0.display())]
    Www(PathBuf),
    /// The data folder cannot be created or written.
    #[error("the data folder {} cannot be written: make it writable, or choose another with --data", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error("the database {} cannot be used", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StoreError,
    },
    /// The database with this URL cannot be opened; the URL may hold a password, and is not shown.
    #[error("the database of DATABASE_URL cannot be used")]
    DatabaseUrl(#[source] StoreError),
    /// The VAPID key cannot be read or created.
    #[error("there is no usable VAPID key")]
    Key(#[from] KeyError),
    /// The description of the local push service cannot be used.
    #[error("the local push service cannot be used ({0}): start it again with `tidings push-service`")]
    LocalPushService(String),
    /// Another program listens at the address.
    #[error("port {} is in use: stop the program that uses it, or choose another with {option} {}:{}", address.port(), address.ip(), address.port().wrapping_add(1).max(1024))]
    PortInUse {
        /// The address.
        address: SocketAddr,
        /// The option that says where to listen.
        option: &'static str,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: choose another with {option}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The option that says where to listen.
        option: &'static str,
        /// What the system said.
        source: io::Error,
    },
}
