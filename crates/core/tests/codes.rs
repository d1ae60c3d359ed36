//! The codes of JavaScript are those of Rust, in the same order: over the border go their numbers.

use tidings_core::error::Code;

const ERRORS: &str = include_str!("../../npm/js/page/error.ts");

#[test]
fn javascript_has_the_same_codes_in_the_same_order() {
    let list = ERRORS.split_once("CODES = [").and_then(|(_, rest)| rest.split_once(']')).expect("the list").0;
    let codes: Vec<_> = list.split('\'').skip(1).step_by(2).collect();
    let expected: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).chain(["wasm-unavailable"]).collect();
    assert_eq!(codes, expected);
    for (number, code) in Code::ALL.iter().enumerate() {
        assert_eq!(*code as usize, number);
    }
}
