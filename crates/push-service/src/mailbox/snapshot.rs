//! What the mailbox holds, for tests to look at.

use std::collections::HashMap;
use std::time::Instant;

use serde::Serialize;

use super::device::Device;

/// The whole mailbox at one moment.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    /// In the order of their identities.
    pub(crate) devices: Vec<DeviceSnapshot>,
    /// Messages waiting, over all devices.
    pub(crate) waiting: usize,
}

/// One browser.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceSnapshot {
    pub(crate) id: String,
    pub(crate) connected: bool,
    pub(crate) waiting: usize,
    /// The ids of those that wait, the last parts of their resources, oldest first.
    pub(crate) messages: Vec<String>,
    /// In the order of their names.
    pub(crate) channels: Vec<ChannelSnapshot>,
}

/// One subscription.
#[derive(Debug, Serialize)]
pub(crate) struct ChannelSnapshot {
    pub(crate) name: String,
    /// The last part of the endpoint.
    pub(crate) token: String,
    pub(crate) waiting: usize,
}

impl Snapshot {
    pub(super) fn new(devices: &mut HashMap<String, Device>, now: Instant) -> Self {
        let mut devices: Vec<_> = devices.iter_mut().map(|(id, device)| DeviceSnapshot::new(id, device, now)).collect();
        devices.sort_by(|a, b| a.id.cmp(&b.id));
        Self { waiting: devices.iter().map(|device| device.waiting).sum(), devices }
    }
}

impl DeviceSnapshot {
    fn new(id: &str, device: &mut Device, now: Instant) -> Self {
        let mut waiting: HashMap<String, usize> = HashMap::new();
        let mut messages = Vec::new();
        for message in device.waiting(now) {
            messages.push(message.id.clone());
            *waiting.entry(message.channel.name.clone()).or_default() += 1;
        }
        let mut channels: Vec<_> = device
            .channels
            .values()
            .map(|channel| ChannelSnapshot {
                name: channel.name.clone(),
                token: channel.token.clone(),
                waiting: waiting.get(&channel.name).copied().unwrap_or_default(),
            })
            .collect();
        channels.sort_by(|a, b| a.name.cmp(&b.name));
        Self { id: id.to_owned(), connected: device.connected(), waiting: messages.len(), messages, channels }
    }
}
