//! The receiving end of a device's connection.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use super::{Mailbox, Message};

/// An open connection to one device. Dropping it disconnects the device.
#[derive(Debug)]
pub(crate) struct Connection {
    mailbox: Arc<Mailbox>,
    device: String,
    id: u64,
    messages: UnboundedReceiver<Arc<Message>>,
}

impl Connection {
    pub(super) fn new(
        mailbox: Arc<Mailbox>,
        device: String,
        id: u64,
        messages: UnboundedReceiver<Arc<Message>>,
    ) -> Self {
        Self { mailbox, device, id, messages }
    }

    /// The device at the other end.
    pub(crate) fn device(&self) -> &str {
        &self.device
    }

    /// The next message to write; `None` when a newer connection of the device has replaced this one, or the device
    /// was forgotten. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Arc<Message>> {
        self.messages.recv().await
    }

    /// The device has this message.
    pub(crate) fn acknowledge(&self, message: &str) {
        self.mailbox.acknowledge(&self.device, message);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.mailbox.disconnect(&self.device, self.id);
    }
}
