//! Frames: a tag, a length, a protobuf message. Each side sends its version before its first frame.

use prost::Message;

/// The version of the protocol, and the first byte that either side sends.
pub(crate) const VERSION: u8 = 41;

/// A login carries the identities of all messages that were not acknowledged; nothing else is large.
const LARGEST_BODY: usize = 1 << 20;

/// Seven bits in each byte of a length, and no length has more than 32.
const LONGEST_VARINT: usize = 5;

/// One frame. The body is a message of the type that the tag stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) tag: u8,
    pub(super) body: Vec<u8>,
}

/// What comes in cannot be cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FrameError {
    #[error("MCS version {0} instead of {VERSION}")]
    Version(u8),
    #[error("the length of a frame is no number")]
    Length,
    #[error("a frame of {0} bytes, more than {LARGEST_BODY}")]
    TooLarge(usize),
}

/// Cuts what comes in into frames.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Bytes come in at its end.
    pub(super) buffer: Vec<u8>,
    version_seen: bool,
}

impl Decoder {
    /// The next whole frame, if there is one yet.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        if !self.version_seen {
            match self.buffer.first() {
                None => return Ok(None),
                Some(&VERSION) => self.buffer.remove(0),
                Some(&version) => return Err(FrameError::Version(version)),
            };
            self.version_seen = true;
        }
        let Some((&tag, rest)) = self.buffer.split_first() else {
            return Ok(None);
        };
        let Some((length, used)) = length(rest)? else {
            return Ok(None);
        };
        let start = 1 + used;
        if self.buffer.len() - start < length {
            return Ok(None);
        }
        let body = self.buffer[start..start + length].to_vec();
        self.buffer.drain(..start + length);
        Ok(Some(Frame { tag, body }))
    }
}

/// A length and the number of bytes it takes, if it is complete.
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, FrameError> {
    let mut length = 0_usize;
    for (index, &byte) in bytes.iter().take(LONGEST_VARINT).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            if length > LARGEST_BODY {
                return Err(FrameError::TooLarge(length));
            }
            return Ok(Some((length, index + 1)));
        }
    }
    if bytes.len() >= LONGEST_VARINT {
        return Err(FrameError::Length);
    }
    Ok(None)
}

/// Writes one frame.
pub(super) fn encode(tag: u8, message: &impl Message) -> Vec<u8> {
    let mut frame = vec![tag];
    frame.extend(message.encode_length_delimited_to_vec());
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode_all(decoder: &mut Decoder) -> Result<Vec<Frame>, FrameError> {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn refuses_another_version() {
        let mut decoder = Decoder::default();
        decoder.buffer.push(40);
        assert_eq!(decoder.next(), Err(FrameError::Version(40)));
    }

    #[test]
    fn refuses_lengths_that_cannot_be() {
        let mut decoder = Decoder::default();
        decoder.buffer.extend([VERSION, 0, 0xff, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(decoder.next(), Err(FrameError::Length));
        let mut decoder = Decoder::default();
        decoder.buffer.extend([VERSION, 0, 0x81, 0x80, 0x40]);
        assert_eq!(decoder.next(), Err(FrameError::TooLarge(LARGEST_BODY + 1)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..512),
            version in any::<bool>(),
        ) {
            let mut decoder = Decoder::default();
            if version {
                decoder.buffer.push(VERSION);
            }
            decoder.buffer.extend(bytes);
            let _ = decode_all(&mut decoder);
        }

        #[test]
        fn frames_survive_any_cut(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..6),
            size in 1_usize..50,
        ) {
            let mut bytes = vec![VERSION];
            for (tag, body) in (0..).zip(&bodies) {
                bytes.extend(encode(tag, &Raw { body: body.clone() }));
            }
            let mut decoder = Decoder::default();
            let mut frames = Vec::new();
            for part in bytes.chunks(size) {
                decoder.buffer.extend(part);
                frames.extend(decode_all(&mut decoder).unwrap());
            }
            prop_assert_eq!(frames.len(), bodies.len());
            for ((tag, body), frame) in (0..).zip(bodies).zip(frames) {
                prop_assert_eq!(frame.tag, tag);
                prop_assert_eq!(Raw::decode(&frame.body[..]).unwrap().body, body);
            }
        }
    }

    #[derive(Clone, PartialEq, Message)]
    struct Raw {
        #[prost(bytes = "vec", tag = "1")]
        body: Vec<u8>,
    }
}
