//! Inputs like the kept ones, but wrong: the mutations of AFL and libFuzzer, without their search by coverage.

use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

/// Longer inputs find nothing that shorter ones do not.
const LONGEST: usize = 8 * 1024;

/// Bytes and numbers at which lengths and comparisons go wrong.
const EDGES: [&[u8]; 16] = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\x80\x80\x80\x80\x80\x01",
    b"-1",
    b"0",
    b"1e999",
    b"9007199254740993",
    b"18446744073709551615",
    b"99999999999999999999999",
    b"\r\n\r\n",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"%00",
];

/// In place of a value in JSON, which bytes at random would only make unreadable.
const VALUES: [&str; 18] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "0.5",
    "8030",
    "1e300",
    "18446744073709551615",
    "\"\"",
    "\"/\"",
    "\"https://[\"",
    "\"\\u0000\\ud800\"",
    "\"javascript:alert(1)\"",
    "[]",
    "{}",
    "[[[null]]]",
    "{\"title\":\"T\",\"navigate\":\"/\"}",
];

/// Makes inputs from a corpus, the same ones for the same seed.
pub(crate) struct Mutator<'a> {
    corpus: &'a [Vec<u8>],
    /// Words of the corpus, to be put where they do not belong.
    words: Vec<&'a [u8]>,
    rng: StdRng,
}

impl<'a> Mutator<'a> {
    pub(crate) fn new(corpus: &'a [Vec<u8>], seed: u64) -> Self {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
        let mut words: Vec<&[u8]> = corpus
            .iter()
            .flat_map(|input| input.split(move |byte| !word(byte)))
            .filter(|word| (1..40).contains(&word.len()))
            .chain(EDGES)
            .collect();
        words.sort_unstable();
        words.dedup();
        Self { corpus, words, rng: StdRng::seed_from_u64(seed) }
    }

    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.corpus.choose(&mut self.rng).cloned().unwrap_or_default();
        for _ in 0..1 << self.rng.random_range(0..4) {
            self.mutate(&mut input);
            input.truncate(LONGEST);
        }
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        match self.rng.random_range(0..12) {
            8.. => self.replace_value(input, range.start),
            0 => {
                if let Some(byte) = input.get_mut(range.start) {
                    *byte ^= 1 << self.rng.random_range(0..8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(range.start) {
                    *byte = self.rng.random();
                }
            }
            2 => drop(input.drain(range)),
            3 => {
                let copy = input[range.clone()].to_vec();
                input.splice(range.start..range.start, copy);
            }
            4 => {
                let word = self.words.choose(&mut self.rng).copied().unwrap_or_default();
                input.splice(range, word.iter().copied());
            }
            5 => {
                let word = self.words.choose(&mut self.rng).copied().unwrap_or_default();
                input.splice(range.start..range.start, word.iter().copied());
            }
            6 => {
                let other = self.corpus.choose(&mut self.rng).map_or(&[][..], Vec::as_slice);
                let part = self.range(other.len());
                input.splice(range, other[part].iter().copied());
            }
            _ => {
                let mut bytes = vec![0; range.len().min(64)];
                self.rng.fill_bytes(&mut bytes);
                input.splice(range, bytes);
            }
        }
    }

    /// Replaces the first value of JSON from `start` on, if it holds no other.
    fn replace_value(&mut self, input: &mut Vec<u8>, start: usize) {
        let find =
            |from: usize, bytes: &[u8]| input[from..].iter().position(|byte| bytes.contains(byte)).map(|at| from + at);
        let Some(colon) = find(start, b":[,") else { return };
        let Some(end) = find(colon + 1, b",}]") else { return };
        let value = VALUES.choose(&mut self.rng).copied().unwrap_or_default();
        input.splice(colon + 1..end, value.bytes());
    }

    /// Somewhere in `0..length`, short ones more often than long ones.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.rng.random_range(0..=length);
        let most = (length - start).min(1 << self.rng.random_range(0..10));
        start..start + self.rng.random_range(0..=most)
    }
}

/// A name for an input (FNV-1a).
pub(crate) fn hash(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
