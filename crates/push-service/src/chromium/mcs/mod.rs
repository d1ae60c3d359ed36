//! MCS: the connection on which Chromium gets its messages.

mod frame;
mod session;
mod stanza;

pub(crate) use frame::VERSION;
pub(crate) use session::serve;
