//! Who is subscribed to what, and which messages wait for whom. Knows nothing of the browsers' protocols.

mod connection;
mod device;
mod message;
mod snapshot;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc::unbounded_channel;

pub(crate) use connection::Connection;
use device::{Device, Line};
pub(crate) use message::{Message, Payload, Post};
pub(crate) use snapshot::Snapshot;

use crate::key::ApplicationServerKey;

/// One subscription of one browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// Why a token does not lead to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoChannel {
    /// It never did.
    Unknown,
    /// It did once.
    Gone,
}

/// All devices, channels and messages.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    devices: HashMap<String, Device>,
    /// Token to device and channel name.
    tokens: HashMap<String, (String, String)>,
    gone: HashSet<String>,
    connections: u64,
}

impl Mailbox {
    /// Makes a device, unless it is there already.
    pub(crate) fn admit(&self, device: &str) {
        self.state().devices.entry(device.to_owned()).or_default();
    }

    pub(crate) fn knows(&self, device: &str) -> bool {
        self.state().devices.contains_key(device)
    }

    /// Subscribes a device and answers the token of its endpoint. The same channel with the same key keeps its token;
    /// with another key it gets a new one and the old token is gone. `None` if the device is unknown.
    pub(crate) fn subscribe(&self, device_id: &str, mut channel: Channel) -> Option<String> {
        let mut state = self.state();
        let device = state.devices.get_mut(device_id)?;
        if let Some(old) = device.channels.get(&channel.name) {
            if old.key == channel.key {
                return Some(old.token.clone());
            }
            if let Some(old) = device.unsubscribe(&channel.name) {
                state.retire(&old.token);
            }
        }
        let token = crate::random::token();
        let name = channel.name.clone();
        channel.token.clone_from(&token);
        if let Some(device) = state.devices.get_mut(device_id) {
            device.channels.insert(name.clone(), Arc::new(channel));
        }
        state.tokens.insert(token.clone(), (device_id.to_owned(), name));
        Some(token)
    }

    /// Ends a subscription; whether there was one.
    pub(crate) fn unsubscribe(&self, device: &str, name: &str) -> bool {
        let mut state = self.state();
        let ended = state.devices.get_mut(device).and_then(|device| device.unsubscribe(name));
        if let Some(channel) = &ended {
            state.retire(&channel.token);
        }
        ended.is_some()
    }

    /// The channel that a token leads to.
    pub(crate) fn channel(&self, token: &str) -> Result<Arc<Channel>, NoChannel> {
        self.state().find(token).map(|(_, channel)| channel)
    }

    /// Takes a message: delivers it if the device is connected, and keeps it until the device has acknowledged it.
    pub(crate) fn post(&self, token: &str, post: Post) -> Result<Arc<Message>, NoChannel> {
        let now = Instant::now();
        let mut state = self.state();
        let (device, channel) = state.find(token)?;
        let message = Arc::new(Message::new(channel, post, now));
        if let Some(device) = state.devices.get_mut(&device) {
            device.post(Arc::clone(&message), now);
        }
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
        if let Some(device) = self.state().devices.get_mut(device) {
            device.remove(message, Instant::now());
        }
    }

    /// Removes a waiting message of any device; whether there was one.
    pub(crate) fn remove(&self, message: &str) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        state.devices.values_mut().any(|device| device.remove(message, now))
    }

    /// Forgets every device. Its connections end, its tokens are gone.
    pub(crate) fn forget_devices(&self) {
        let mut state = self.state();
        state.devices.clear();
        let tokens: Vec<_> = state.tokens.drain().map(|(token, _)| token).collect();
        state.gone.extend(tokens);
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

impl State {
    fn retire(&mut self, token: &str) {
        self.tokens.remove(token);
        self.gone.insert(token.to_owned());
    }

    fn find(&self, token: &str) -> Result<(String, Arc<Channel>), NoChannel> {
        let missing = if self.gone.contains(token) { NoChannel::Gone } else { NoChannel::Unknown };
        let (device, name) = self.tokens.get(token).ok_or(missing)?;
        self.devices
            .get(device)
            .and_then(|found| found.channels.get(name))
            .map(|channel| (device.clone(), Arc::clone(channel)))
            .ok_or(missing)
    }
}

#[cfg(test)]
mod tests;
