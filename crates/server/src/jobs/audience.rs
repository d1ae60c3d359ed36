//! To whom a message goes.

use std::fmt;

/// To whom a message goes; `Debug` and `Display` do not show a device's id, which is a secret.
///
/// # Example
///
/// ```
/// use tidings_server::jobs::Audience;
///
/// assert_eq!(Audience::User("ada".into()).to_string(), "user ada");
/// assert_eq!(Audience::from_parts("everyone", ""), Ok(Audience::Everyone));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Audience {
    /// The subscription with this id.
    Subscription(String),
    /// The device with this id.
    Device(String),
    /// Every device of this user.
    User(String),
    /// Every subscription with this tag.
    Tag(String),
    /// Every subscription.
    Everyone,
}

/// There is no such kind of audience.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no audience: it must be `subscription`, `device`, `user`, `tag` or `everyone`")]
pub struct AudienceError(String);

impl Audience {
    /// From its two parts, as the API and the database have them.
    ///
    /// # Errors
    ///
    /// [`AudienceError`] if there is no such kind.
    pub fn from_parts(kind: &str, target: &str) -> Result<Self, AudienceError> {
        let target = target.to_owned();
        Ok(match kind {
            "subscription" => Self::Subscription(target),
            "device" => Self::Device(target),
            "user" => Self::User(target),
            "tag" => Self::Tag(target),
            "everyone" => Self::Everyone,
            other => return Err(AudienceError(other.to_owned())),
        })
    }

    /// `subscription`, `device`, `user`, `tag` or `everyone`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Subscription(_) => "subscription",
            Self::Device(_) => "device",
            Self::User(_) => "user",
            Self::Tag(_) => "tag",
            Self::Everyone => "everyone",
        }
    }

    /// Which of them; empty for everyone.
    pub fn target(&self) -> &str {
        match self {
            Self::Subscription(target) | Self::Device(target) | Self::User(target) | Self::Tag(target) => target,
            Self::Everyone => "",
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone | Self::Device(_) => f.write_str(self.kind()),
            _ => write!(f, "{} {}", self.kind(), self.target()),
        }
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audience({self})")
    }
}
