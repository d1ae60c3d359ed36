//! Who is subscribed to what, and which messages wait for whom. Knows nothing of the browsers' protocols.

mod connection;
mod device;
mod journal;
mod message;
mod snapshot;
mod state;

use std::path::Path;
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::unbounded_channel;

pub(crate) use connection::Connection;
use device::Line;
use journal::{Entry, Journal};
pub(crate) use message::{Message, Payload, Post};
pub(crate) use snapshot::Snapshot;
use state::State;

use crate::StartError;
use crate::key::ApplicationServerKey;

/// One subscription of one browser.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Channel {
    /// The browser's own name for it, unique within the device.
    pub(crate) name: String,
    /// The last part of the endpoint. Empty until the mailbox chooses it.
    pub(crate) token: String,
    /// The key that senders must sign with, if the page gave one.
    pub(crate) key: Option<ApplicationServerKey>,
    /// Whom senders may address their VAPID tokens to.
    pub(crate) audiences: Vec<String>,
    /// What Chromium must hear with each message to find the subscription; Firefox needs neither.
    pub(crate) sender: String,
    pub(crate) app: String,
}

/// Why the mailbox does not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// There never was such a subscription, or there is no such device.
    Unknown,
    /// The subscription has ended.
    Gone,
    /// It could not be written to the state file.
    Unwritten,
}

/// All devices, channels and messages.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

impl Mailbox {
    /// A mailbox that outlives the program, in this file.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let (journal, entries) = Journal::open(path)?;
        let state =
            State::kept(journal, entries).map_err(|source| StartError::State { path: path.to_owned(), source })?;
        Ok(Self { state: Mutex::new(state) })
    }

    /// Makes a device, unless it is there already.
    pub(crate) fn admit(&self, device: &str) {
        self.state().devices.entry(device.to_owned()).or_default();
    }

    pub(crate) fn knows(&self, device: &str) -> bool {
        self.state().devices.contains_key(device)
    }

    /// Subscribes a device and answers the token of its endpoint. The same channel with the same key keeps its token;
    /// with another key it gets a new one and the old token is gone.
    pub(crate) fn subscribe(&self, device_id: &str, mut channel: Channel) -> Result<String, NotTaken> {
        let mut state = self.state();
        let device = state.devices.get(device_id).ok_or(NotTaken::Unknown)?;
        if let Some(old) = device.channels.get(&channel.name)
            && old.key == channel.key
        {
            return Ok(old.token.clone());
        }
        channel.token = crate::random::token();
        let token = channel.token.clone();
        state.write(|| Entry::Subscribed { device: device_id.to_owned(), channel: channel.clone() })?;
        state.subscribe(device_id, channel);
        Ok(token)
    }

    /// Ends a subscription, if there is one.
    pub(crate) fn unsubscribe(&self, device: &str, name: &str) {
        let mut state = self.state();
        if state.devices.get(device).is_some_and(|device| device.channels.contains_key(name)) {
            state.unsubscribe(device, name);
            // Were it not written, it would be there again after a restart, and nobody would mind it.
            let _ = state.write(|| Entry::Unsubscribed { device: device.to_owned(), name: name.to_owned() });
        }
    }

    /// The channel that a token leads to.
    pub(crate) fn channel(&self, token: &str) -> Result<Arc<Channel>, NotTaken> {
        self.state().find(token).map(|(_, channel)| channel)
    }

    /// Takes a message: delivers it if the device is connected, and keeps it until the device has acknowledged it.
    pub(crate) fn post(&self, token: &str, post: Post) -> Result<Arc<Message>, NotTaken> {
        let now = Instant::now();
        let mut state = self.state();
        let (device, channel) = state.find(token)?;
        let message = Arc::new(Message::new(channel, post, now));
        // One for now or never is not kept.
        if !message.expired(now) {
            state.write(|| Entry::Posted {
                id: message.id.clone(),
                token: token.to_owned(),
                post: message.post.clone(),
                sent: message.sent,
            })?;
        }
        state.post(&device, Arc::clone(&message), now);
        Ok(message)
    }

    /// Opens a device's connection, in place of any other it has; all that waits comes first. Makes the device if it
    /// is unknown.
    pub(crate) fn connect(self: &Arc<Self>, device_id: &str) -> Connection {
        let (messages, receiver) = unbounded_channel();
        let mut state = self.state();
        state.connections += 1;
        let id = state.connections;
        let device = state.devices.entry(device_id.to_owned()).or_default();
        device.connect(Line { id, messages }, Instant::now());
        Connection::new(Arc::clone(self), device_id.to_owned(), id, receiver)
    }

    fn disconnect(&self, device: &str, id: u64) {
        if let Some(device) = self.state().devices.get_mut(device) {
            device.disconnect(id);
        }
    }

    /// The device has this message: do not deliver it again.
    pub(crate) fn acknowledge(&self, device: &str, message: &str) {
        let mut state = self.state();
        if state.devices.get_mut(device).is_some_and(|device| device.remove(message, Instant::now())) {
            // Were it not written, it would come again after a restart, and the browser knows its name.
            let _ = state.write(|| Entry::Removed(message.to_owned()));
        }
    }

    /// Takes back a waiting message of any device; whether there was one.
    pub(crate) fn remove(&self, message: &str) -> Result<bool, NotTaken> {
        let mut state = self.state();
        let removed = state.remove(message, Instant::now());
        if removed {
            state.write(|| Entry::Removed(message.to_owned()))?;
        }
        Ok(removed)
    }

    /// Forgets every device. Its connections end, its tokens are gone.
    pub(crate) fn forget_devices(&self) -> Result<(), NotTaken> {
        let mut state = self.state();
        state.write(|| Entry::Forgotten)?;
        state.forget();
        Ok(())
    }

    /// What is there now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(&mut self.state().devices, Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No method leaves the state half changed, so a panic elsewhere has not spoiled it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
