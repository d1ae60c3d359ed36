//! One browser: its channels, what waits for it, and its connection while it has one.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;

use super::{Channel, Message};

/// The sending end of a device's connection.
#[derive(Debug)]
pub(super) struct Line {
    /// Tells this connection from the ones before and after it.
    pub(super) id: u64,
    pub(super) messages: UnboundedSender<Arc<Message>>,
}

/// One browser.
#[derive(Debug, Default)]
pub(super) struct Device {
    pub(super) channels: HashMap<String, Arc<Channel>>,
    /// Oldest first. A message stays here until it is acknowledged, removed, replaced or expired.
    waiting: VecDeque<Arc<Message>>,
    line: Option<Line>,
}

impl Device {
    pub(super) fn post(&mut self, message: Arc<Message>, now: Instant) {
        self.waiting.retain(|older| !older.expired(now) && !message.replaces(older));
        if !message.expired(now) {
            self.waiting.push_back(Arc::clone(&message));
        }
        if let Some(line) = &self.line
            && line.messages.send(message).is_err()
        {
            self.line = None;
        }
    }

    /// Takes a new connection, in place of any other, and gives it all that waits.
    pub(super) fn connect(&mut self, line: Line, now: Instant) {
        for message in self.waiting(now) {
            // The receiver exists: the caller holds it.
            let _ = line.messages.send(Arc::clone(message));
        }
        self.line = Some(line);
    }

    /// Forgets a connection, unless a newer one has taken its place.
    pub(super) fn disconnect(&mut self, id: u64) {
        self.line.take_if(|line| line.id == id);
    }

    pub(super) fn connected(&self) -> bool {
        self.line.is_some()
    }

    /// Removes one message; whether it was there.
    pub(super) fn remove(&mut self, id: &str, now: Instant) -> bool {
        self.waiting.retain(|message| !message.expired(now));
        let before = self.waiting.len();
        self.waiting.retain(|message| message.id != id);
        self.waiting.len() < before
    }

    /// Ends a channel and drops what waits for it.
    pub(super) fn unsubscribe(&mut self, name: &str) -> Option<Arc<Channel>> {
        let channel = self.channels.remove(name)?;
        self.waiting.retain(|message| !Arc::ptr_eq(&message.channel, &channel));
        Some(channel)
    }

    /// All that waits, oldest first.
    pub(super) fn waiting(&mut self, now: Instant) -> impl Iterator<Item = &Arc<Message>> {
        self.waiting.retain(|message| !message.expired(now));
        self.waiting.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::mailbox::Post;

    fn channel(name: &str) -> Arc<Channel> {
        Arc::new(Channel { name: name.to_owned(), token: name.to_owned(), ..Channel::default() })
    }

    fn post(channel: &Arc<Channel>, ttl: u64, topic: Option<&str>, now: Instant) -> Arc<Message> {
        let post = Post { ttl: Duration::from_secs(ttl), topic: topic.map(str::to_owned), payload: None };
        Arc::new(Message::new(Arc::clone(channel), post, now))
    }

    fn line(id: u64) -> (Line, UnboundedReceiver<Arc<Message>>) {
        let (messages, receiver) = unbounded_channel();
        (Line { id, messages }, receiver)
    }

    #[test]
    fn messages_expire() {
        let (mut device, now, channel) = (Device::default(), Instant::now(), channel("a"));
        device.post(post(&channel, 2, None, now), now);
        assert_eq!(device.waiting(now + Duration::from_millis(1999)).count(), 1);
        assert_eq!(device.waiting(now + Duration::from_secs(2)).count(), 0);
    }

    #[test]
    fn no_time_to_live_means_now_or_never() {
        let (mut device, now, channel) = (Device::default(), Instant::now(), channel("a"));
        device.post(post(&channel, 0, None, now), now);
        let (first, mut receiver) = line(1);
        device.connect(first, now);
        assert!(receiver.try_recv().is_err());
        device.post(post(&channel, 0, None, now), now);
        assert!(receiver.try_recv().is_ok());
        assert_eq!(device.waiting(now).count(), 0);
    }

    #[test]
    fn a_topic_replaces_in_its_channel_only() {
        let (mut device, now) = (Device::default(), Instant::now());
        let (a, b) = (channel("a"), channel("b"));
        let newest = post(&a, 9, Some("t"), now);
        for message in
            [post(&a, 9, Some("t"), now), post(&b, 9, Some("t"), now), post(&a, 9, None, now), Arc::clone(&newest)]
        {
            device.post(message, now);
        }
        let ids: Vec<_> = device.waiting(now).map(|message| message.id.clone()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[2], newest.id);
    }

    #[test]
    fn redelivers_in_order_until_removed() {
        let (mut device, now, channel) = (Device::default(), Instant::now(), channel("a"));
        let sent: Vec<_> = (0..3).map(|_| post(&channel, 9, None, now)).collect();
        sent.iter().for_each(|message| device.post(Arc::clone(message), now));
        assert!(device.remove(&sent[1].id, now));
        assert!(!device.remove(&sent[1].id, now));
        for id in 1..3 {
            let (line, mut receiver) = line(id);
            device.connect(line, now);
            assert_eq!(receiver.try_recv().unwrap().id, sent[0].id);
            assert_eq!(receiver.try_recv().unwrap().id, sent[2].id);
        }
    }

    #[test]
    fn an_old_connection_does_not_end_the_new_one() {
        let (mut device, now) = (Device::default(), Instant::now());
        let ((first, mut old), (second, _new)) = (line(1), line(2));
        device.connect(first, now);
        device.connect(second, now);
        device.disconnect(1);
        assert!(device.connected());
        assert!(old.try_recv().is_err(), "the old one is told by its sender being gone");
        device.disconnect(2);
        assert!(!device.connected());
    }
}
