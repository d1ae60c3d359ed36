//! How bytes stand in a script: as scripts/lib/inline.mjs has them, which says why, and has the decoder.

/// A string literal of JavaScript with one character for each byte, U+0000 to U+00FF. The script must be read as UTF-8, as
/// that of a worker always is.
pub(super) fn inline(bytes: &[u8]) -> String {
    let mut literal = String::with_capacity(bytes.len() * 5 / 4);
    literal.push('`');
    for (index, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(index + 1);
        match byte {
            // As itself it would make the file a binary one for many tools; before a digit it is an octal escape.
            0 if next.is_some_and(u8::is_ascii_digit) => literal.push_str("\\x00"),
            0 => literal.push_str("\\0"),
            // A template literal reads it as a line feed.
            b'\r' => literal.push_str("\\r"),
            b'`' | b'\\' => literal.extend(['\\', char::from(byte)]),
            b'$' if next == Some(&b'{') => literal.push_str("\\$"),
            _ => literal.push(char::from(byte)),
        }
    }
    literal.push('`');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_literal_would_change_is_escaped() {
        assert_eq!(inline(b"\0asm\x01"), "`\\0asm\u{1}`");
        assert_eq!(inline(b"\x001\0"), "`\\x001\\0`");
        assert_eq!(inline(b"a`b\\c\r\n"), "`a\\`b\\\\c\\r\n`");
        assert_eq!(inline(b"${$"), "`\\${$`");
        assert_eq!(inline(b"\x80\xff\x7f"), "`\u{80}\u{ff}\u{7f}`");
    }
}
