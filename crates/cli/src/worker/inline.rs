//! How bytes stand in a script, as in scripts/lib/inline.mjs, which says why and has the decoder.

/// The printable ASCII characters but `"` and `\`, which a string literal must escape.
const SYMBOLS: usize = 93;
/// Byte values with a symbol of their own; the last two symbols introduce a second one.
const COMMON: usize = SYMBOLS - 2;

/// Bytes as the decoder in the shim takes them.
#[derive(Debug, PartialEq)]
pub(super) struct Inlined {
    /// The bytes, one or two characters each.
    pub(super) text: String,
    /// Which byte values are common: a bit for each, in hexadecimal digits.
    pub(super) mask: String,
}

pub(super) fn inline(bytes: &[u8]) -> Inlined {
    let mut counts = [0_usize; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let mut values: Vec<usize> = (0..256).collect();
    values.sort_by_key(|&value| (usize::MAX - counts[value], value));
    let (common, rare) = values.split_at_mut(COMMON);
    common.sort_unstable();
    rare.sort_unstable();

    let mut codes = vec![String::new(); 256];
    for (index, &value) in common.iter().enumerate() {
        codes[value].push(symbol(index));
    }
    for (index, &value) in rare.iter().enumerate() {
        codes[value].extend([symbol(COMMON + index / SYMBOLS), symbol(index % SYMBOLS)]);
    }
    let text = bytes.iter().map(|&byte| codes[usize::from(byte)].as_str()).collect();
    let mask = (0..64)
        .map(|digit| (0..4).filter(|bit| common.contains(&(digit * 4 + bit))).map(|bit| 1 << bit).sum())
        .filter_map(|bits| char::from_digit(bits, 16))
        .collect();
    Inlined { text, mask }
}

fn symbol(index: usize) -> char {
    (b' '..=b'~').filter(|symbol| !b"\"\\".contains(symbol)).map(char::from).nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scripts/test/inline.test.mjs passes the same, and decodes it.
    #[test]
    fn encodes_as_the_build_of_the_package_does() {
        let cases: serde_json::Value = serde_json::from_str(include_str!("../../assets/inlined.json")).expect("JSON");
        for case in cases.as_array().expect("a list") {
            let bytes: Vec<u8> = serde_json::from_value(case["bytes"].clone()).expect("bytes");
            let Inlined { text, mask } = inline(&bytes);
            assert_eq!(text, case["text"].as_str().expect("text"));
            assert_eq!(mask, case["mask"].as_str().expect("mask"));
        }
    }
}
