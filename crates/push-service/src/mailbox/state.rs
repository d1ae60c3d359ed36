//! What the mailbox knows, and every change of it. The same changes come from browsers and senders, and from the file.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::device::Device;
use super::journal::{Entry, Journal};
use super::{Channel, Message, NotTaken};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) devices: HashMap<String, Device>,
    /// Token to device and channel name.
    tokens: HashMap<String, (String, String)>,
    gone: HashSet<String>,
    pub(super) connections: u64,
    /// There if all is to outlive the program.
    journal: Option<Journal>,
}

impl State {
    /// What a file says, and the file open for what comes.
    pub(super) fn kept(mut journal: Journal, entries: Vec<Entry>) -> io::Result<Self> {
        let mut state = Self::default();
        let now = Instant::now();
        for entry in entries {
            state.apply(entry, now);
        }
        journal.rewrite(state.entries(now))?;
        state.journal = Some(journal);
        Ok(state)
    }

    /// Writes a change, before it is made and anybody is told.
    pub(super) fn write(&mut self, entry: impl FnOnce() -> Entry) -> Result<(), NotTaken> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        if journal.is_stale()
            && let Err(error) = journal.rewrite(self.entries(Instant::now()))
        {
            tracing::warn!(%error, "the state file could not be written anew");
        }
        let written = journal.add(&entry());
        self.journal = Some(journal);
        written.map_err(|error| {
            tracing::error!(%error, "the state file cannot be written: is the disk full?");
            NotTaken::Unwritten
        })
    }

    #[cfg(test)]
    pub(super) fn journal_fails(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.fails();
        }
    }

    /// Makes a change of the file.
    fn apply(&mut self, entry: Entry, now: Instant) {
        match entry {
            Entry::Subscribed { device, channel } => self.subscribe(&device, channel),
            Entry::Unsubscribed { device, name } => self.unsubscribe(&device, &name),
            Entry::Gone(tokens) => self.gone.extend(tokens),
            Entry::Posted { id, token, post, sent } => {
                // The subscription may have ended since.
                if let Ok((device, channel)) = self.find(&token) {
                    self.post(&device, Arc::new(Message::kept(id, channel, post, sent, now)), now);
                }
            }
            Entry::Removed(id) => {
                self.remove(&id, now);
            }
            Entry::Forgotten => self.forget(),
        }
    }

    /// All that counts, as changes from nothing.
    fn entries(&mut self, now: Instant) -> impl Iterator<Item = Entry> {
        let mut entries = Vec::new();
        if !self.gone.is_empty() {
            entries.push(Entry::Gone(self.gone.iter().cloned().collect()));
        }
        for (id, device) in &mut self.devices {
            entries.extend(
                device
                    .channels
                    .values()
                    .map(|channel| Entry::Subscribed { device: id.clone(), channel: Channel::clone(channel) }),
            );
            entries.extend(device.waiting(now).map(|message| Entry::Posted {
                id: message.id.clone(),
                token: message.channel.token.clone(),
                post: message.post.clone(),
                sent: message.sent,
            }));
        }
        entries.into_iter()
    }

    /// Adds a channel, in place of one of the same name. Makes the device if it is unknown.
    pub(super) fn subscribe(&mut self, device_id: &str, channel: Channel) {
        self.unsubscribe(device_id, &channel.name);
        self.tokens.insert(channel.token.clone(), (device_id.to_owned(), channel.name.clone()));
        let device = self.devices.entry(device_id.to_owned()).or_default();
        device.channels.insert(channel.name.clone(), Arc::new(channel));
    }

    pub(super) fn unsubscribe(&mut self, device: &str, name: &str) {
        if let Some(channel) = self.devices.get_mut(device).and_then(|device| device.unsubscribe(name)) {
            self.tokens.remove(&channel.token);
            self.gone.insert(channel.token.clone());
        }
    }

    pub(super) fn post(&mut self, device: &str, message: Arc<Message>, now: Instant) {
        if let Some(device) = self.devices.get_mut(device) {
            device.post(message, now);
        }
    }

    /// Removes a message of any device; whether it was there.
    pub(super) fn remove(&mut self, message: &str, now: Instant) -> bool {
        self.devices.values_mut().any(|device| device.remove(message, now))
    }

    pub(super) fn forget(&mut self) {
        self.devices.clear();
        self.gone.extend(self.tokens.drain().map(|(token, _)| token));
    }

    pub(super) fn find(&self, token: &str) -> Result<(String, Arc<Channel>), NotTaken> {
        let missing = if self.gone.contains(token) { NotTaken::Gone } else { NotTaken::Unknown };
        let (device, name) = self.tokens.get(token).ok_or(missing)?;
        self.devices
            .get(device)
            .and_then(|found| found.channels.get(name))
            .map(|channel| (device.clone(), Arc::clone(channel)))
            .ok_or(missing)
    }
}
