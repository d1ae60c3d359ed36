//! Several keys at once: the current one, and those that older subscriptions were made with.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
    time::{Duration, Instant, SystemTime},
};

use super::{FILE, KeyError, Tokens, VapidKey};

/// How often the folder is looked at for a rotation by another process.
const LOOK: Duration = Duration::from_secs(1);

/// The keys of a server. New subscriptions are made with the current one, and each is sent to with its own.
///
/// `vapid.pem` in the data folder is the current key, `vapid.1.pem`, `vapid.2.pem` and so on are those before it, the
/// oldest first. A push service takes messages for a subscription only from the key that it was made with (RFC 8292
/// section 4.2), so a key stays until its last subscription has gone.
///
/// # Example
///
/// ```
/// use tidings_server::vapid::KeyRing;
///
/// # fn main() -> Result<(), tidings_server::vapid::KeyError> {
/// # let folder = tempfile::tempdir().unwrap();
/// let ring = KeyRing::open(folder.path(), "mailto:push@example.com".into())?;
/// let old = ring.current().key().version();
/// let new = KeyRing::rotate(folder.path())?.version();
/// ring.refresh();
/// assert_eq!(ring.versions(), [old.as_str(), new.as_str()]);
/// assert_eq!(ring.current().key().version(), new);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KeyRing {
    folder: Option<PathBuf>,
    subject: String,
    inner: RwLock<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The oldest first; the last one is the current.
    versions: Vec<String>,
    tokens: HashMap<String, Arc<Tokens>>,
    modified: Option<SystemTime>,
    looked: Instant,
}

impl KeyRing {
    /// One key, for ever.
    pub fn of(key: VapidKey, subject: String) -> Self {
        let inner = Inner::new(vec![key], &subject, None, None);
        Self { folder: None, subject, inner: RwLock::new(inner) }
    }

    /// The keys of a data folder; the first is made if there is none.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if one cannot be read, is none, or is open to everybody.
    pub fn open(folder: &Path, subject: String) -> Result<Self, KeyError> {
        VapidKey::load_or_create(folder)?;
        let inner = Inner::load(folder, &subject, None)?;
        Ok(Self { folder: Some(folder.to_owned()), subject, inner: RwLock::new(inner) })
    }

    /// What signs with the current key.
    pub fn current(&self) -> Arc<Tokens> {
        self.look();
        let inner = self.inner.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        inner.tokens[&inner.versions[inner.versions.len() - 1]].clone()
    }

    /// What signs with the key of this version; without one, with the oldest.
    pub fn get(&self, version: Option<&str>) -> Option<Arc<Tokens>> {
        self.look();
        let inner = self.inner.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        inner.tokens.get(version.unwrap_or(&inner.versions[0])).cloned()
    }

    /// The versions of all keys, the oldest first, the current one last.
    pub fn versions(&self) -> Vec<String> {
        self.inner.read().unwrap_or_else(|poisoned| poisoned.into_inner()).versions.clone()
    }

    /// Reads the folder again, if another process may have changed it. It does so by itself within a second.
    pub fn refresh(&self) {
        let Some(folder) = &self.folder else { return };
        let mut inner = self.inner.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        inner.looked = Instant::now();
        let modified = modified(folder);
        if modified == inner.modified {
            return;
        }
        match Inner::load(folder, &self.subject, Some(&inner)) {
            Ok(new) => {
                // The folder has other files, too.
                if new.versions != inner.versions {
                    tracing::info!(keys = new.versions.len(), "the VAPID keys have changed");
                }
                *inner = new;
            }
            // The keys there were are still good.
            Err(error) => tracing::error!(%error, "the VAPID keys have changed, and cannot be read"),
        }
    }

    fn look(&self) {
        let looked = self.inner.read().unwrap_or_else(|poisoned| poisoned.into_inner()).looked;
        if looked.elapsed() > LOOK {
            self.refresh();
        }
    }

    /// Makes a new current key in a data folder; the one before stays for the subscriptions that were made with it.
    ///
    /// Running servers take it up within a second. Whatever happens in the middle, there is a current key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the folder has no usable key or cannot be written, or another rotation is under way.
    pub fn rotate(folder: &Path) -> Result<VapidKey, KeyError> {
        let old = VapidKey::load(folder)?;
        let previous = previous(folder)?;
        let current = folder.join(FILE);
        let kept = previous.iter().any(|(_, path)| VapidKey::load_file(path).is_ok_and(|key| key == old));
        if !kept {
            let path = folder.join(file(previous.last().map_or(1, |(number, _)| number + 1)));
            // Fails if there is one: then somebody else rotates at this moment.
            fs::hard_link(&current, &path).map_err(|source| KeyError::File { path, source })?;
        }
        let draft = folder.join(format!(".{FILE}.new"));
        let new = VapidKey::generate();
        let failed = |source| KeyError::File { path: current.clone(), source };
        // One that was left by a rotation that was cut off.
        let _ = fs::remove_file(&draft);
        super::key::write(&draft, &new.to_pem()).and_then(|()| fs::rename(&draft, &current)).map_err(failed)?;
        sync(folder);
        Ok(new)
    }

    /// Removes a previous key; whether there was one. Who subscribed with it cannot be sent to any more.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the folder cannot be read or written.
    pub fn retire(folder: &Path, version: &str) -> Result<bool, KeyError> {
        let mut found = false;
        for (_, path) in previous(folder)? {
            if VapidKey::load_file(&path)?.version() == version {
                fs::remove_file(&path).map_err(|source| KeyError::File { path, source })?;
                found = true;
            }
        }
        sync(folder);
        Ok(found)
    }
}

impl Inner {
    fn new(keys: Vec<VapidKey>, subject: &str, before: Option<&Self>, modified: Option<SystemTime>) -> Self {
        let (mut versions, mut tokens) = (Vec::new(), HashMap::new());
        for key in keys {
            let version = key.version();
            // A rotation that was cut off leaves the current key under two names.
            if tokens.contains_key(&version) {
                versions.retain(|known| *known != version);
            }
            let known = before.and_then(|inner| inner.tokens.get(&version).cloned());
            tokens.insert(version.clone(), known.unwrap_or_else(|| Arc::new(Tokens::new(key, subject.to_owned()))));
            versions.push(version);
        }
        Self { versions, tokens, modified, looked: Instant::now() }
    }

    fn load(folder: &Path, subject: &str, before: Option<&Self>) -> Result<Self, KeyError> {
        let modified = modified(folder);
        let mut keys = Vec::new();
        for (_, path) in previous(folder)? {
            keys.push(VapidKey::load_file(&path)?);
        }
        keys.push(VapidKey::load(folder)?);
        Ok(Self::new(keys, subject, before, modified))
    }
}

fn file(number: u32) -> String {
    format!("vapid.{number}.pem")
}

/// The files of the previous keys, the oldest first.
fn previous(folder: &Path) -> Result<Vec<(u32, PathBuf)>, KeyError> {
    let failed = |source: io::Error| KeyError::File { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("vapid.")?.strip_suffix(".pem")?.parse().ok());
        if let Some(number) = number {
            found.push((number, folder.join(file(number))));
        }
    }
    found.sort();
    Ok(found)
}

/// When a file was last added to the folder, or taken from it.
fn modified(folder: &Path) -> Option<SystemTime> {
    let key = fs::metadata(folder.join(FILE)).and_then(|data| data.modified());
    let folder = fs::metadata(folder).and_then(|data| data.modified());
    key.ok().max(folder.ok())
}

/// A rename is on the disk once the folder is.
fn sync(folder: &Path) {
    if let Err(error) = fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, "the folder of the keys was not synced");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> KeyRing {
        KeyRing::open(folder, "mailto:push@example.com".into()).expect("opens")
    }

    #[test]
    fn keeps_every_key_until_it_is_retired() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = open(folder.path());
        let first = ring.current().key().clone();
        let second = KeyRing::rotate(folder.path()).expect("rotated");
        let third = KeyRing::rotate(folder.path()).expect("rotated");
        ring.refresh();
        let versions = [&first, &second, &third].map(VapidKey::version);
        assert_eq!(ring.versions(), versions);
        assert_eq!(open(folder.path()).versions(), versions);
        assert_eq!(*ring.current().key(), third);
        assert_eq!(*ring.get(None).expect("there").key(), first, "who is older than versions has the oldest");
        assert_eq!(*ring.get(Some(&versions[1])).expect("there").key(), second);
        for name in ["vapid.pem", "vapid.1.pem", "vapid.2.pem"] {
            let readers = crate::private::readers(&folder.path().join(name)).expect("there");
            assert_eq!(readers, crate::private::Readers::Nobody, "{name}");
        }

        assert!(KeyRing::retire(folder.path(), &versions[0]).expect("retired"));
        assert!(!KeyRing::retire(folder.path(), &versions[0]).expect("again"));
        assert!(!KeyRing::retire(folder.path(), &versions[2]).expect("the current one stays"));
        ring.refresh();
        assert_eq!(ring.versions(), versions[1..]);
        assert!(ring.get(Some(&versions[0])).is_none());
    }

    #[test]
    fn a_rotation_that_was_cut_off_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = open(folder.path());
        let first = ring.current().key().clone();
        fs::hard_link(folder.path().join("vapid.pem"), folder.path().join("vapid.1.pem")).expect("linked");
        fs::write(folder.path().join(".vapid.pem.new"), "half").expect("written");
        assert_eq!(open(folder.path()).versions(), [first.version()]);
        let second = KeyRing::rotate(folder.path()).expect("rotated");
        assert_eq!(open(folder.path()).versions(), [first.version(), second.version()]);
        assert!(!folder.path().join("vapid.2.pem").exists());
    }

    #[test]
    fn tokens_outlive_a_rotation() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = open(folder.path());
        let now = SystemTime::now();
        let version = ring.current().key().version();
        let header = ring.current().authorization("https://push.example", now);
        KeyRing::rotate(folder.path()).expect("rotated");
        ring.refresh();
        assert_ne!(ring.current().authorization("https://push.example", now), header);
        assert_eq!(ring.get(Some(&version)).expect("there").authorization("https://push.example", now), header);
    }
}
