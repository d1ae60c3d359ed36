//! The outbox: whose turn it is, and what an answer means. The rules are in [`tidings_core::outbox`].

use alloc::string::String;

use tidings_core::{
    decide,
    outbox::{self, Answer},
    value::Value,
};
use wasm_bindgen::JsValue;

use crate::js::Js;

/// Whose turn it is in a lane (a strict queue's name, or `undefined` for all others): the number of a
/// [`Turn`](tidings_core::outbox::Turn). `eager` is from 0 to 3.
///
/// # Example
///
/// ```no_run
/// use tidings::{core::outbox::Turn, worker::turn};
/// use wasm_bindgen::JsValue;
///
/// let entry = js_sys::JSON::parse(r#"{"queue": "orders", "strict": true}"#).unwrap();
/// let now = js_sys::Date::now();
/// assert_eq!(turn(&entry, &"orders".into(), now, 0.0), Turn::Send as u32);
/// assert_eq!(turn(&entry, &JsValue::UNDEFINED, now, 0.0), Turn::Other as u32);
/// ```
pub fn turn(entry: &JsValue, lane: &JsValue, now: f64, eager: f64) -> u32 {
    outbox::turn(&Js(entry.clone()), &Js(lane.clone()), now, eager) as u32
}

/// What an answer means for an entry: `undefined` if it has arrived and leaves; otherwise what changes of it, an object
/// with `next` and `hold` if it is to be tried again, or with `reason` if it is set aside.
///
/// `seconds` and `date` are `Retry-After` as a number and as a date, NaN if it is none; `status` is 0 without an answer.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::judge;
///
/// let entry = js_sys::JSON::parse(r#"{"queue": "orders"}"#).unwrap();
/// let change = judge(&entry, 201, f64::NAN, f64::NAN, js_sys::Date::now(), js_sys::Math::random());
/// assert!(change.is_undefined()); // it has arrived
/// ```
pub fn judge(entry: &JsValue, status: u16, seconds: f64, date: f64, now: f64, random: f64) -> JsValue {
    let answer = Answer { status, seconds, date };
    decide::judge(&Js(entry.clone()), answer, now, random).map_or(JsValue::UNDEFINED, |change| change.0)
}

/// A job of the outbox, as a hook gets it.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Config, WorkerJob};
/// use wasm_bindgen::JsValue;
///
/// async fn upload(id: String, folder: JsValue) -> Result<(), JsValue> {
///     Ok(()) // asks the server, which does what has this id once
/// }
///
/// let config = Config::new().on_job_async(|job: WorkerJob| async move {
///     match job.kind().as_str() {
///         "sync-notes" if job.attempts() < 5 => upload(job.id(), job.data_js()).await,
///         _ => Err(JsValue::from("not now")),
///     }
/// });
/// ```
#[derive(Clone, Debug)]
pub struct WorkerJob(Js);

impl WorkerJob {
    pub(super) fn new(job: JsValue) -> Self {
        Self(Js(job))
    }

    /// The app's own type of job.
    ///
    /// See the example of [`WorkerJob`].
    pub fn kind(&self) -> String {
        self.0.get("type").and_then(|kind| kind.text()).unwrap_or_default()
    }

    /// The same each time it is tried: what it does should be done once for each id.
    ///
    /// See the example of [`WorkerJob`].
    pub fn id(&self) -> String {
        self.0.get("id").and_then(|id| id.text()).unwrap_or_default()
    }

    /// How often it was tried in vain.
    ///
    /// See the example of [`WorkerJob`].
    pub fn attempts(&self) -> u32 {
        self.0.get("attempts").and_then(|attempts| attempts.as_number()).unwrap_or_default() as u32
    }

    /// What the job was added with; `undefined` if with nothing.
    ///
    /// See the example of [`WorkerJob`].
    pub fn data_js(&self) -> JsValue {
        self.0.get("data").map_or(JsValue::UNDEFINED, |data| data.0)
    }

    /// The same, typed.
    ///
    /// # Example
    ///
    /// ```no_run
    /// #[derive(serde::Deserialize)]
    /// struct Notes {
    ///     folder: u32,
    /// }
    ///
    /// fn folder(job: &tidings::worker::WorkerJob) -> Option<u32> {
    ///     job.data::<Notes>().ok().map(|notes| notes.folder)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not a `T`.
    #[cfg(feature = "serde")]
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Result<T, super::DataError> {
        serde_wasm_bindgen::from_value(self.data_js())
    }
}
