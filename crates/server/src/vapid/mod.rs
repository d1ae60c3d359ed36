//! Who sends: the server's key pair, and tokens signed with it (VAPID, RFC 8292).

mod key;
mod ring;
mod token;

pub(crate) use key::version;
pub use key::{FILE, KeyError, VapidKey};
pub use ring::KeyRing;
pub use token::{LIFETIME, Tokens};
