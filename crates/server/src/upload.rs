//! What a browser uploads: its subscription, what that replaces, and to whom it belongs.

use serde_json::{Map, Value};
use tidings_core::base64url;

use crate::{
    config::LocalPushService,
    subscription::{Subscription, SubscriptionError},
};

/// A subscription with all that its browser says of it.
///
/// # Example
///
/// ```
/// use tidings_server::upload::{Claim, Upload};
///
/// let json = serde_json::json!({
///     "endpoint": "https://push.example/1",
///     "keys": {
///         "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
///         "auth": "BTBZMqHH6r4Tts7J_aSIgg",
///     },
///     "user": "ada",
/// });
/// let upload = Upload::from_json(json.as_object().unwrap(), None)?;
/// assert_eq!(upload.user, Claim::User("ada".into()));
/// # Ok::<(), tidings_server::upload::UploadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The subscription.
    pub subscription: Subscription,
    /// The one that has ended, and that it replaces.
    pub replaces: Option<Replaces>,
    /// The browser's random id, which stays: it proves that a row is the browser's own.
    pub device: Option<String>,
    /// Browser and platform, for people.
    pub label: Option<String>,
    /// The app's tags.
    pub tags: Vec<String>,
    /// To whom it is said to belong.
    pub user: Claim,
    /// The [version](crate::VapidKey::version) of the key that it was made with, if the browser says so.
    pub key_version: Option<String>,
}

/// A subscription that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Its endpoint.
    pub endpoint: String,
    /// Its secret, which proves that it was the browser's own. Without it the row goes, and nothing is taken over.
    pub auth: Option<Vec<u8>>,
}

/// To whom a device is said to belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Nothing is said: it stays as it is.
    #[default]
    Same,
    /// To nobody.
    Nobody,
    /// To this user.
    User(String),
}

/// Why something is no upload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// It is no subscription.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// A member is not what it must be.
    #[error("`{0}` must be {1}")]
    Member(&'static str, &'static str),
}

impl UploadError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Subscription(why) => why.code(),
            Self::Member(..) => "invalid-field",
        }
    }
}

/// The most characters that a device's id, its label, a tag or a user may have, and the most tags.
const LONGEST: usize = 200;
const MOST: usize = 100;

impl Upload {
    /// Reads an upload; members that it does not know are left for others.
    ///
    /// # Errors
    ///
    /// [`UploadError`], naming the first member that is wrong.
    pub fn from_json(members: &Map<String, Value>, local: Option<&LocalPushService>) -> Result<Self, UploadError> {
        let replaces = match members.get("replaces") {
            None | Some(Value::Null) => None,
            Some(Value::String(endpoint)) => Some(Replaces { endpoint: endpoint.clone(), auth: None }),
            Some(value) => Some(replaces(value).ok_or(UploadError::Member(
                "replaces",
                "the old subscription's `{\"endpoint\", \"auth\"}`, its endpoint alone, or null",
            ))?),
        };
        let user = match members.get("user") {
            None => Claim::Same,
            Some(Value::Null) => Claim::Nobody,
            Some(user) => Claim::User(text(user, "user")?),
        };
        Ok(Self {
            subscription: Subscription::from_json(&Value::Object(members.clone()), local)?,
            replaces,
            device: optional(members, "device")?,
            label: optional(members, "label")?,
            tags: tags(members.get("tags"))?,
            user,
            key_version: optional(members, "applicationServerKey")?.map(|key| crate::vapid::version(&key)),
        })
    }

    /// A subscription of which nothing else is known.
    pub fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            replaces: None,
            device: None,
            label: None,
            tags: Vec::new(),
            user: Claim::Same,
            key_version: None,
        }
    }
}

fn replaces(value: &Value) -> Option<Replaces> {
    let endpoint = value.get("endpoint")?.as_str()?.to_owned();
    let auth = base64url::decode(value.get("auth")?.as_str()?)?;
    Some(Replaces { endpoint, auth: Some(auth) })
}

fn optional(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, UploadError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => text(value, name).map(Some),
    }
}

fn text(value: &Value, name: &'static str) -> Result<String, UploadError> {
    match value.as_str() {
        Some(text) if !text.is_empty() && text.chars().count() <= LONGEST => Ok(text.to_owned()),
        _ => Err(UploadError::Member(name, "a string of 1 to 200 characters")),
    }
}

fn tags(value: Option<&Value>) -> Result<Vec<String>, UploadError> {
    let wrong = UploadError::Member("tags", "a list of at most 100 strings of 1 to 200 characters");
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(all)) if all.len() <= MOST => {
            all.iter().map(|tag| text(tag, "tags").map_err(|_| wrong.clone())).collect()
        }
        Some(_) => Err(wrong),
    }
}
