//! Every target with every kept input, and with 20 000 mutations of them; as many as `TIDINGS_CASES` says in the long
//! mode: `TIDINGS_CASES=1000000 cargo test --release -p tidings-fuzz`. `TIDINGS_SEED` changes which.
//!
//! An input that breaks a rule is written to `fuzz/artifacts/<target>/`. Mend what it broke and move it to
//! `fuzz/corpus/<target>/`, where it is tried in every later run.

#![allow(missing_docs, clippy::unwrap_used)]

mod mutate;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use mutate::Mutator;
use tidings_fuzz::{TARGETS, Target};

/// Panics that a library catches, in a task of its own say, count as well.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text}")),
        Err(_) => default,
    }
}

fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> =
        fs::read_dir(folder("corpus", target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs one case; what breaks it is kept.
fn case(name: &str, target: Target, input: &[u8]) {
    let before = PANICS.load(Ordering::SeqCst);
    let result = panic::catch_unwind(AssertUnwindSafe(|| target(input)));
    if result.is_ok() && PANICS.load(Ordering::SeqCst) == before {
        return;
    }
    let folder = folder("artifacts", name);
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{:016x}", mutate::hash(input)));
    fs::write(&path, input).unwrap();
    panic!("{name} fails with {}: {}", path.display(), String::from_utf8_lossy(input));
}

/// One after the other: a panic is only known to belong to a case while no other runs.
#[test]
fn every_target_stands_its_cases() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        hook(info);
    }));
    let (cases, seed) = (number("TIDINGS_CASES", 20_000), number("TIDINGS_SEED", 8030));
    for (name, target) in TARGETS {
        let start = std::time::Instant::now();
        let corpus = corpus(name);
        assert!(corpus.len() >= 5, "{name} has a corpus");
        for input in &corpus {
            case(name, target, input);
        }
        let mut mutator = Mutator::new(&corpus, seed);
        for _ in 0..cases {
            case(name, target, &mutator.next());
        }
        println!(
            "{name}: {} kept inputs and {cases} mutations in {:.1} s",
            corpus.len(),
            start.elapsed().as_secs_f64()
        );
    }
}
