use std::time::Duration;

use super::*;

fn channel(name: &str) -> Channel {
    Channel { name: name.to_owned(), ..Channel::default() }
}

fn keyed(name: &str, key: &str) -> Channel {
    Channel { key: ApplicationServerKey::parse(key), ..channel(name) }
}

fn post() -> Post {
    Post { ttl: Duration::from_secs(60), ..Post::default() }
}

#[test]
fn a_token_is_unknown_then_valid_then_gone() {
    let mailbox = Mailbox::default();
    assert_eq!(mailbox.channel("t").err(), Some(NoChannel::Unknown));
    assert_eq!(mailbox.subscribe("d", channel("c")), None, "no such device");
    mailbox.admit("d");
    let token = mailbox.subscribe("d", channel("c")).unwrap();
    assert_eq!(mailbox.channel(&token).unwrap().name, "c");
    assert!(mailbox.unsubscribe("d", "c"));
    assert!(!mailbox.unsubscribe("d", "c"));
    assert_eq!(mailbox.channel(&token).err(), Some(NoChannel::Gone));
    assert_eq!(mailbox.post(&token, post()).err(), Some(NoChannel::Gone));
}

#[test]
fn the_same_key_keeps_the_token_and_another_replaces_it() {
    const FIRST: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
    const SECOND: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let mailbox = Mailbox::default();
    mailbox.admit("d");
    let first = mailbox.subscribe("d", keyed("c", FIRST)).unwrap();
    assert_eq!(mailbox.subscribe("d", keyed("c", FIRST)).unwrap(), first);
    let second = mailbox.subscribe("d", keyed("c", SECOND)).unwrap();
    assert_ne!(first, second);
    assert_eq!(mailbox.channel(&first).err(), Some(NoChannel::Gone));
    assert!(mailbox.channel(&second).is_ok());
}

#[tokio::test]
async fn keeps_until_acknowledged_and_says_what_waits() {
    let mailbox = Arc::new(Mailbox::default());
    mailbox.admit("d");
    let token = mailbox.subscribe("d", channel("c")).unwrap();
    let sent = mailbox.post(&token, post()).unwrap();
    assert_eq!(mailbox.snapshot().waiting, 1);
    let mut connection = mailbox.connect("d");
    assert_eq!(connection.next().await.unwrap().id, sent.id);
    assert!(mailbox.snapshot().devices[0].connected);
    drop(connection);
    assert!(!mailbox.snapshot().devices[0].connected);
    let mut connection = mailbox.connect("d");
    assert_eq!(connection.next().await.unwrap().id, sent.id, "again");
    mailbox.acknowledge("d", &sent.id);
    assert_eq!(mailbox.snapshot().waiting, 0);
    assert!(!mailbox.remove(&sent.id));
}

#[tokio::test]
async fn a_second_connection_ends_the_first() {
    let mailbox = Arc::new(Mailbox::default());
    let mut first = mailbox.connect("d");
    let _second = mailbox.connect("d");
    assert!(first.next().await.is_none());
    drop(first);
    assert!(mailbox.snapshot().devices[0].connected);
}

#[tokio::test]
async fn forgotten_devices_lose_connection_and_tokens() {
    let mailbox = Arc::new(Mailbox::default());
    mailbox.admit("d");
    let token = mailbox.subscribe("d", channel("c")).unwrap();
    let mut connection = mailbox.connect("d");
    mailbox.forget_devices();
    assert!(connection.next().await.is_none());
    assert!(!mailbox.knows("d"));
    assert_eq!(mailbox.channel(&token).err(), Some(NoChannel::Gone));
}
