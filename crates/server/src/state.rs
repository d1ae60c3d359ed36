//! Subscriptions and sender together: what the API and the command line share.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

use crate::{
    config::{Config, LocalPushService},
    endpoint::Endpoint,
    error::StartError,
    jobs::{Job, NewJob, Stats},
    limits::Counters,
    metrics::Metrics,
    private, proof,
    push::Push,
    sender::{SendError, Sender, Sent},
    store::{Put, PutError, Record, Store, StoreError},
    subscription::{Keys, Subscription, SubscriptionError},
    tidy,
    upload::Upload,
    vapid::KeyRing,
};

/// An open data folder, and a sender with its key. Cheap to clone.
///
/// # Example
///
/// ```
/// use tidings_server::{Config, State};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tidings_server::StartError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let data = folder.path().join("data");
/// let state = State::open(&Config::new(data)).await?;
/// let app: axum::Router = axum::Router::new().merge(tidings_server::router(state));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct State(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    sender: Sender,
    config: Config,
    counters: Counters,
    metrics: Metrics,
    stopping: watch::Sender<bool>,
    wake: Notify,
    stats: Stats,
}

/// Why a message did not reach a push service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// There is no subscription with this id.
    #[error("there is no subscription with this id: the browser must upload it first")]
    Unknown,
    /// The subscription cannot be sent to, for example because the local push service is not configured any more.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// The push service did not take it.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeliveryError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown-subscription",
            Self::Subscription(why) => why.code(),
            Self::Send(why) => why.code(),
            Self::Store(_) => "store-unavailable",
        }
    }
}

impl State {
    /// Opens a data folder, and makes it, its database and its key if they are missing.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the settings are wrong or the folder cannot be used.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        config.check()?;
        create_folder(&config.data)?;
        let keys = KeyRing::open(&config.data, config.contact.clone())?;
        let sender = Sender::with_keys(keys, config)?;
        let store = match &config.database {
            Some(url) => Store::open_url(url).await.map_err(StartError::DatabaseUrl)?,
            None => Store::open(&config.data)
                .await
                .map_err(|source| StartError::Database { path: config.data.join(crate::store::FILE), source })?,
        };
        Ok(Self(Arc::new(Inner {
            store,
            sender,
            config: config.clone(),
            counters: Counters::new(&config.limits),
            metrics: Metrics::default(),
            stopping: watch::Sender::new(false),
            wake: Notify::new(),
            stats: Stats::default(),
        })))
    }

    /// The subscriptions.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The sender.
    pub fn sender(&self) -> &Sender {
        &self.0.sender
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What it counts.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// All numbers, those of the database among them, as text for Prometheus.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn measure(&self) -> Result<String, StoreError> {
        let (subscriptions, pending) = tokio::try_join!(self.store().count(), self.store().pending())?;
        self.metrics().set(subscriptions, pending, self.stats().numbers().in_flight);
        Ok(self.metrics().text())
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Becomes true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// Ends what would go on for ever.
    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// The local push service, if there is one.
    pub fn local_push_service(&self) -> Option<&LocalPushService> {
        self.0.config.local_push_service.as_ref()
    }

    /// Stores what a browser uploads, see [`Store::upload`], as made with the current key unless it says another.
    ///
    /// # Errors
    ///
    /// [`PutError`]; then nothing has changed.
    pub async fn upload(&self, upload: &Upload, user: Option<&str>) -> Result<Put, PutError> {
        let keys = self.sender().keys();
        let current = keys.current().key().version();
        if upload.key_version.as_ref().is_some_and(|version| keys.get(Some(version)).is_none()) {
            return Err(PutError::Key);
        }
        self.store().upload(upload, user, Some(&current)).await
    }

    /// Stores a send, see [`Store::create_job`], and wakes this process's [runner](crate::jobs::Runner).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; then nothing was stored.
    pub async fn create_job(&self, new: &NewJob) -> Result<Job, StoreError> {
        let job = self.store().create_job(new).await?;
        self.0.wake.notify_one();
        Ok(job)
    }

    /// Forgets the sends that are over and the receipts, as the settings say; how many of each. [`Server`](crate::Server) does
    /// so by itself every hour; who mounts the [router](crate::router) does it now and then.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; what is left is forgotten the next time.
    pub async fn forget(&self) -> Result<(u64, u64), StoreError> {
        tidy::forget(self).await
    }

    /// What the runner of this process has done so far.
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    pub(crate) fn wake(&self) -> &Notify {
        &self.0.wake
    }

    /// Sends a message to a stored subscription, and removes it if it is gone.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`]. Only [`SendError::Gone`] changes anything.
    pub async fn send(&self, id: &str, push: &Push) -> Result<Sent, DeliveryError> {
        let record = self.store().get(id).await?.ok_or(DeliveryError::Unknown)?;
        // Before it is sent: its receipts may come at once.
        self.store().note_push(push).await?;
        let result = self.post(&record, push, self.config().send_timeout).await?;
        let id = record.id.as_str();
        match &result {
            Ok(sent) => {
                tracing::info!(subscription = short(id), status = sent.push_service, "sent");
                // The message is on its way: a database that cannot note it must not make the caller send it again.
                if let Err(error) = self.store().note_success(id).await {
                    tracing::warn!(subscription = short(id), %error, "sent, but not noted");
                }
            }
            Err(error) => {
                tracing::info!(subscription = short(id), code = error.code(), %error, "not sent");
                if matches!(error, SendError::Gone(_)) {
                    self.store().delete(id).await?;
                } else if let Err(error) = self.store().note_failure(id).await {
                    tracing::warn!(subscription = short(id), %error, "not sent, and not noted");
                }
            }
        }
        Ok(result?)
    }

    /// Posts a message, and changes nothing.
    pub(crate) async fn post(
        &self,
        record: &Record,
        push: &Push,
        timeout: Duration,
    ) -> Result<Result<Sent, SendError>, SubscriptionError> {
        let subscription = self.subscription(record)?;
        let tokens = self.sender().keys().get(record.key_version.as_deref());
        let proven = tokens.and_then(|tokens| proof::prove(push, tokens.key(), &record.id));
        let push = proven.as_ref().unwrap_or(push);
        let start = Instant::now();
        let result = self.sender().send_with(&subscription, push, record.key_version.as_deref(), timeout).await;
        self.metrics().sent(result.as_ref().map_or_else(SendError::code, |_| "sent"), start.elapsed());
        Ok(result)
    }

    /// Checks a stored subscription anew: the settings may have changed since it was stored.
    fn subscription(&self, record: &Record) -> Result<Subscription, SubscriptionError> {
        let endpoint = Endpoint::parse(&record.endpoint, self.local_push_service())?;
        endpoint.check_service(&self.config().push_services)?;
        Ok(Subscription::new(endpoint, record.expiration_time, Keys::from_bytes(&record.p256dh, &record.auth)?))
    }
}

/// What logs show of an id.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

fn create_folder(path: &Path) -> Result<(), StartError> {
    let failed = |source| StartError::DataFolder { path: path.to_owned(), source };
    private::create_folder(path).map_err(failed)?;
    // The one sure way to know whether it can be written is to write.
    let probe = path.join(".tidings-probe");
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(failed)
}
