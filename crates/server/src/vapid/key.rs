//! The key pair, and the file it lives in.

use std::{
    fmt, fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::rand_core::{OsRng, RngCore},
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use tidings_core::base64url;

use crate::private::{self, Readers};

/// The name of the key's file in the data folder.
pub const FILE: &str = "vapid.pem";

/// The server's key pair on the curve P-256; `Debug` shows only the public half.
///
/// Browsers are subscribed with the public half, and take messages only from who holds the private one (RFC 8292
/// section 4). So it must not change: whoever loses it loses every subscription.
///
/// # Example
///
/// ```
/// use tidings_server::VapidKey;
///
/// let key = VapidKey::generate();
/// assert_eq!(key.public_key().len(), 87);
/// assert_eq!(VapidKey::from_pem(&key.to_pem()), Some(key));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VapidKey(SecretKey);

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{} cannot be used: check who owns it and its folder", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Everybody on this machine can read the file.
    #[error("{} can be read by everybody on this machine: `chmod 600` it, and if it was copied, make a new one", .0.display())]
    Exposed(PathBuf),
    /// The file holds no P-256 private key.
    #[error("{} holds no P-256 private key in PEM: put back your copy; without one, move it away and start again (every browser must then subscribe anew)", .0.display())]
    Malformed(PathBuf),
}

impl VapidKey {
    /// Makes a new pair.
    pub fn generate() -> Self {
        Self(SecretKey::random(&mut OsRng))
    }

    /// Reads the pair of a data folder.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if it is missing, no key, or readable by everybody.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        Self::load_file(&folder.join(FILE))
    }

    /// Reads the pair in a file, as [`load`](Self::load) does.
    pub(super) fn load_file(path: &Path) -> Result<Self, KeyError> {
        let file = |source| KeyError::File { path: path.to_owned(), source };
        match private::readers(path).map_err(file)? {
            Readers::Everybody => return Err(KeyError::Exposed(path.to_owned())),
            Readers::Group => tracing::warn!(path = %path.display(), "a group can read the VAPID key: chmod 600 it"),
            Readers::Nobody => {}
        }
        let pem = fs::read_to_string(path).map_err(file)?;
        Self::from_pem(&pem).ok_or_else(|| KeyError::Malformed(path.to_owned()))
    }

    /// Reads the pair of a data folder, and makes it if there is none.
    ///
    /// The file appears whole or not at all, is never overwritten, and has mode 0600 from its first byte.
    ///
    /// # Errors
    ///
    /// [`KeyError`], as for [`load`](Self::load), or if the file cannot be written.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        match Self::load(folder) {
            Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            result => return result,
        }
        let path = folder.join(FILE);
        let draft = folder.join(format!(".{FILE}.{:016x}", OsRng.next_u64()));
        let created = write(&draft, &Self::generate().to_pem()).and_then(|()| fs::hard_link(&draft, &path));
        // Not removed only if the folder vanished, and then there is nothing left to remove.
        let _ = fs::remove_file(&draft);
        match created {
            Ok(()) => tracing::info!(path = %path.display(), "made a VAPID key; keep a copy"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(KeyError::File { path, source }),
        }
        Self::load(folder)
    }

    /// Reads a pair in PKCS#8 or SEC1 PEM.
    pub fn from_pem(pem: &str) -> Option<Self> {
        SecretKey::from_pkcs8_pem(pem).or_else(|_| SecretKey::from_sec1_pem(pem).map_err(drop)).ok().map(Self)
    }

    /// The pair in PKCS#8 PEM: a secret.
    pub fn to_pem(&self) -> String {
        self.0.to_pkcs8_pem(LineEnding::LF).expect("a P-256 key has a PKCS#8 form").as_str().to_owned()
    }

    /// The public half as browsers take it for `applicationServerKey`: 65 bytes in base64url.
    pub fn public_key(&self) -> String {
        base64url::encode(&self.0.public_key().to_sec1_bytes())
    }

    /// What tells this key from others of the same server: 16 characters, from its public half.
    pub fn version(&self) -> String {
        version(&self.public_key())
    }

    /// The private half as other Web Push tools take it, 32 bytes in base64url: a secret.
    pub fn private_key(&self) -> String {
        base64url::encode(&self.0.to_bytes())
    }

    /// Signs with ES256 (RFC 7518 section 3.4): 64 bytes.
    pub(super) fn sign(&self, input: &[u8]) -> Vec<u8> {
        let signature: Signature = SigningKey::from(&self.0).sign(input);
        signature.to_vec()
    }
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VapidKey({})", self.public_key())
    }
}

/// The version of the key with this public half, in base64url.
pub(crate) fn version(public_key: &str) -> String {
    let mut hash = crate::endpoint::subscription_id(public_key);
    hash.truncate(16);
    hash
}

pub(super) fn write(path: &Path, pem: &str) -> io::Result<()> {
    let mut file = private::create_file(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::Permissions,
        os::unix::fs::{MetadataExt, PermissionsExt},
    };

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("chmod");
    }

    #[test]
    fn is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = VapidKey::load_or_create(folder.path()).expect("made");
        let mode = fs::metadata(folder.path().join(FILE)).expect("there").mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "no draft is left");
        assert_eq!(VapidKey::load_or_create(folder.path()).expect("read"), key);
    }

    #[test]
    fn two_that_start_at_once_agree() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys: Vec<VapidKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| VapidKey::load_or_create(folder.path()))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic").expect("a key")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn refuses_a_file_that_is_open_to_all_or_no_key() {
        let folder = tempfile::tempdir().expect("a folder");
        VapidKey::load_or_create(folder.path()).expect("made");
        let path = folder.path().join(FILE);
        set_mode(&path, 0o644);
        assert!(matches!(VapidKey::load_or_create(folder.path()), Err(KeyError::Exposed(_))));
        set_mode(&path, 0o600);
        for text in ["", "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\n", "BAg"] {
            fs::write(&path, text).expect("written");
            let error = VapidKey::load_or_create(folder.path()).expect_err("no key");
            assert!(matches!(error, KeyError::Malformed(_)));
            assert_eq!(fs::read_to_string(&path).expect("readable"), text, "nothing was changed");
        }
    }

    #[test]
    fn reads_sec1_as_openssl_writes_it() {
        let key = VapidKey::generate();
        let pem = key.0.to_sec1_pem(LineEnding::LF).expect("SEC1");
        assert_eq!(VapidKey::from_pem(&pem), Some(key));
    }

    #[test]
    fn shows_no_secret() {
        let key = VapidKey::generate();
        assert!(!format!("{key:?}").contains(&key.private_key()));
    }
}
