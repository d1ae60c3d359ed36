use super::*;

fn posted(id: &str) -> Entry {
    let post = Post { ttl: Duration::from_secs(60), ..Post::default() };
    Entry::Posted { id: id.to_owned(), token: "t".to_owned(), post, sent: SystemTime::UNIX_EPOCH }
}

fn some() -> Vec<Entry> {
    let channel = Channel { name: "c\n\"".to_owned(), token: "t".to_owned(), ..Channel::default() };
    vec![
        Entry::Subscribed { device: "d".to_owned(), channel },
        posted("1"),
        Entry::Removed("1".to_owned()),
        Entry::Unsubscribed { device: "d".to_owned(), name: "c".to_owned() },
        Entry::Gone(vec!["s".to_owned()]),
        Entry::Forgotten,
    ]
}

/// A file with these entries.
fn written(path: &Path, entries: &[Entry]) {
    let (mut journal, _) = Journal::open(path).unwrap();
    journal.rewrite([].into_iter()).unwrap();
    entries.iter().for_each(|entry| journal.add(entry).unwrap());
}

#[test]
fn says_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/state");
    written(&path, &some());
    assert_eq!(Journal::open(&path).unwrap().1, some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn cut_anywhere_it_says_all_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    written(&path, &some());
    let bytes = fs::read(&path).unwrap();
    for length in HEAD.len() + 1..=bytes.len() {
        for tail in [&b""[..], b"\0\0\0\0", b"\0\0\n\0"] {
            fs::write(&path, [&bytes[..length], tail].concat()).unwrap();
            let (mut journal, entries) = Journal::open(&path).unwrap();
            let whole = bytes[..length].iter().filter(|&&byte| byte == b'\n').count() - 1;
            assert_eq!(entries, some()[..whole], "{length} bytes");
            journal.rewrite(entries.into_iter()).unwrap();
            journal.add(&posted("next")).unwrap();
            drop(journal);
            assert_eq!(Journal::open(&path).unwrap().1, [&some()[..whole], &[posted("next")]].concat());
        }
    }
}

#[test]
fn nothing_is_added_after_half_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    written(&path, &some());
    let (mut journal, _) = Journal::open(&path).unwrap();
    assert!(journal.is_stale() && journal.add(&posted("2")).is_err());
}

#[test]
fn names_what_it_cannot_read_and_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    written(&path, &some());
    let good = fs::read_to_string(&path).unwrap();
    for (text, line) in [
        (good.replacen("posted", "pasted", 1), 3),
        (good.replacen("\"removed", "removed", 1), 4),
        (good.replace(":1}", ":2}"), 1),
        ("my diary\n".to_owned(), 1),
        (String::new(), 1),
    ] {
        fs::write(&path, &text).unwrap();
        let error = Journal::open(&path).err().unwrap();
        assert!(matches!(error, StartError::CorruptState { line: found, .. } if found == line), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()) && error.to_string().contains("--state"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn belongs_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let (mut journal, _) = Journal::open(&path).unwrap();
    for _ in 0..2 {
        let error = Journal::open(&path).err().unwrap();
        assert!(matches!(error, StartError::StateInUse { .. }), "{error}");
        journal.rewrite([].into_iter()).unwrap();
    }
    drop(journal);
    assert!(Journal::open(&path).is_ok());
}

#[test]
fn names_a_folder_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for path in ["file/state", "."] {
        let error = Journal::open(&folder.path().join(path)).err().unwrap();
        assert!(error.to_string().contains("--state"), "{error}");
    }
}
