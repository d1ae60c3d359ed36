//! The mailbox on disk: a file of one change a line, in JSON, that is only ever added to.
//!
//! Whoever is killed while writing leaves half a line at the end, and what it says was not yet promised to anybody: it
//! is dropped. From time to time the file is written anew with what still counts, beside the old one, and takes its
//! place whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Channel, Post};
use crate::StartError;
use crate::file::write_whole;

/// The first line: what this is, and which form it has.
const HEAD: &str = r#"{"tidings_push_service":1}"#;

/// Growth below this is not worth writing all anew.
const SMALL: u64 = 1 << 20;

/// Whoever had the file may be ending this very moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// One change.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(Clone, PartialEq))]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    Subscribed {
        device: String,
        channel: Channel,
    },
    Unsubscribed {
        device: String,
        name: String,
    },
    /// Tokens of subscriptions that have ended.
    Gone(Vec<String>),
    /// A message for the channel of this token.
    Posted {
        id: String,
        token: String,
        post: Post,
        sent: SystemTime,
    },
    /// The message was acknowledged or taken back.
    Removed(String),
    /// Every device was forgotten.
    Forgotten,
}

/// The open file. Nobody else has it while this lives.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line goes.
    length: u64,
    /// The length at which all is written anew.
    limit: u64,
    /// Half a line stands at the end and could not be taken away: another one after it would not be readable.
    spoiled: bool,
    /// Of a file of its own, which stays when the other is replaced.
    _lock: File,
}

impl Journal {
    /// Opens a file, or makes it, and answers what it says.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Entry>), StartError> {
        let unusable = |source| StartError::State { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(unusable)?;
        }
        let lock = lock(path)?;
        let entries = match fs::read(path) {
            Ok(bytes) => read(&bytes).map_err(|(line, reason)| StartError::CorruptState {
                path: path.to_owned(),
                line,
                reason,
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                write_whole(path, format!("{HEAD}\n").as_bytes(), 0o600).map_err(unusable)?;
                Vec::new()
            }
            Err(error) => return Err(unusable(error)),
        };
        let file = appending(path).map_err(unusable)?;
        // What is at the end may be half a line: nothing is added before `rewrite`.
        Ok((Self { path: path.to_owned(), file, length: 0, limit: 0, spoiled: true, _lock: lock }, entries))
    }

    /// Adds a change. When this returns it survives the end of the program, however it ends.
    pub(super) fn add(&mut self, entry: &Entry) -> io::Result<()> {
        if self.spoiled {
            return Err(io::Error::other("an earlier change could not be written"));
        }
        let line = line(entry)?;
        if let Err(error) = self.file.write_all(&line) {
            self.spoiled = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// As if the disk were full.
    #[cfg(test)]
    pub(super) fn fails(&mut self) {
        self.file = File::open(&self.path).expect("it is there");
    }

    /// Whether it is time for [`rewrite`](Self::rewrite): most of it has had its day, or nothing can be added.
    pub(super) fn is_stale(&self) -> bool {
        self.spoiled || self.length > self.limit
    }

    /// Writes all anew: these entries are what counts.
    pub(super) fn rewrite(&mut self, entries: impl Iterator<Item = Entry>) -> io::Result<()> {
        // Should it fail: not at once again.
        self.limit = self.length + SMALL;
        let mut bytes = format!("{HEAD}\n").into_bytes();
        for entry in entries {
            bytes.extend(line(&entry)?);
        }
        write_whole(&self.path, &bytes, 0o600)?;
        self.file = appending(&self.path)?;
        self.length = bytes.len() as u64;
        self.limit = self.length * 2 + SMALL;
        self.spoiled = false;
        Ok(())
    }
}

/// The right to the file, which ends with this process at the latest.
fn lock(path: &Path) -> Result<File, StartError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&beside);
    let file = opened.map_err(|source| StartError::State { path: beside.clone(), source })?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(source)) => return Err(StartError::State { path: beside, source }),
        }
    }
    Err(StartError::StateInUse { path: path.to_owned() })
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

/// The entries of a file; otherwise which line cannot be read, and why.
///
/// What cannot be read and has nothing readable after it was being written when the program or the machine ended.
fn read(bytes: &[u8]) -> Result<Vec<Entry>, (usize, String)> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate();
    let head = lines.next().map(|(_, line)| line.trim_ascii_end());
    if head != Some(HEAD.as_bytes()) {
        return Err((1, format!("it is not {HEAD}")));
    }
    let mut entries = Vec::new();
    let mut unreadable = None;
    for (index, line) in lines {
        let entry = match line.strip_suffix(b"\n") {
            Some(line) => serde_json::from_slice(line).map_err(|error| error.to_string()),
            None => Err("it has no end".to_owned()),
        };
        match (entry, unreadable.take()) {
            (Ok(entry), None) => entries.push(entry),
            (Ok(_), Some(unreadable)) => return Err(unreadable),
            (Err(reason), before) => unreadable = before.or(Some((index + 1, reason))),
        }
    }
    if let Some((line, reason)) = unreadable {
        tracing::warn!(line, reason, "the last change was not wholly written: dropped");
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
