//! Chromium's side: FCM as the desktop browser sees it. Check-in gives it an identity, registration gives it
//! subscriptions, MCS delivers.

mod checkin;
pub(crate) mod mcs;
mod register;

pub(crate) use checkin::checkin;
pub(crate) use register::register;
