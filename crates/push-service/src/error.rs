//! Why the service did not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the service did not start; the text says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there.
    #[error("port {} is in use: stop the other program or pass {option}", address.port())]
    PortInUse {
        /// The address that was wanted.
        address: SocketAddr,
        /// The command-line option that chooses another.
        option: &'static str,
    },
    /// The operating system refuses the address for another reason.
    #[error("cannot listen on {address}: pass another address with {option}")]
    Bind {
        /// The address that was wanted.
        address: SocketAddr,
        /// The command-line option that chooses another.
        option: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach the address, and the service trusts whoever reaches it.
    #[error("{address} is not a loopback address: this is a test service without access control, pass {option} 127.0.0.1:{}", address.port())]
    NotLoopback {
        /// The address that was wanted.
        address: SocketAddr,
        /// The command-line option that chooses another.
        option: &'static str,
    },
    /// The data folder cannot be made or written.
    #[error("cannot use {} as data folder: make it writable or pass another with --data", path.display())]
    DataFolder {
        /// The folder or the file in it.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A certificate or key file is there but cannot be read.
    #[error("cannot read {}: give this user the right to read it, or delete it to have a new certificate made", path.display())]
    UnreadableCertificate {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The certificate or key file holds something else, or the two do not belong together.
    #[error("{} is not a usable certificate with its key ({reason}): delete both files to have new ones made", path.display())]
    CorruptCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The state file, or its folder, cannot be read or written.
    #[error("cannot use {} to keep the state: make it readable and writable or pass another file with --state", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Another push service has the state file.
    #[error("another push service keeps its state in {}: stop it or pass another file with --state", path.display())]
    StateInUse {
        /// The file.
        path: PathBuf,
    },
    /// The state file holds something else. Nothing in it was changed.
    #[error("{} is no state of a push service (line {line}: {reason}): pass another file with --state, or delete this one to begin without subscriptions", path.display())]
    CorruptState {
        /// The file.
        path: PathBuf,
        /// The first line that cannot be read.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A new certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    MakeCertificate(String),
}
