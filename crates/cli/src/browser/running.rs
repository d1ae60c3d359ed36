//! A browser that runs, and its end.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::Plan;

/// How long a browser may take to save its profile when it is asked to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the last of a browser's processes may go on writing into its profile.
const LAST_WRITES: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(50);

/// A running browser. [`close`](Self::close) ends it gently; dropping it ends it at once. Either removes a throwaway
/// profile.
#[derive(Debug)]
pub(crate) struct Browser {
    child: Child,
    throwaway: Option<TempDir>,
}

impl Browser {
    pub(super) fn start(plan: &Plan, throwaway: Option<TempDir>) -> anyhow::Result<Self> {
        // Browsers talk a lot, and mostly about what is not there.
        let talk = || if tracing::enabled!(tracing::Level::DEBUG) { Stdio::inherit() } else { Stdio::null() };
        let mut command = Command::new(&plan.program);
        command
            .args(&plan.args)
            .env_clear()
            .envs(&plan.env)
            .stdin(Stdio::null())
            .stdout(talk())
            .stderr(talk())
            .kill_on_drop(true);
        // Ctrl-C is for us, who then end the browser. Its helpers are in its group, and in no other.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().with_context(|| {
            format!("cannot start {}: reinstall the browser, or pass another with --program", plan.program.display())
        })?;
        Ok(Self { child, throwaway })
    }

    /// The number of its process, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the person closes the browser. Cancel safe.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends the browser, gently first, and removes its throwaway profile.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        if self.child.id().is_some() {
            self.signal(Signal::Terminate);
            if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
                self.signal(Signal::Kill);
                self.child.wait().await.context("cannot wait for the browser's end")?;
            }
        }
        let Some(throwaway) = self.throwaway.take() else { return Ok(()) };
        let path = throwaway.path().to_owned();
        tokio::task::spawn_blocking(move || remove(throwaway))
            .await?
            .with_context(|| format!("cannot remove the throwaway profile {}: remove it yourself", path.display()))
    }

    /// Signals the browser and, to be sure, its helpers: they share its process group.
    fn signal(&mut self, signal: Signal) {
        #[cfg(unix)]
        {
            use rustix::process::{self, Pid};

            // Until it has been waited for, the number is still the browser's.
            let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            // An error means that it has ended already.
            let _ = match (pid, signal) {
                (Some(pid), Signal::Terminate) => process::kill_process(pid, process::Signal::TERM),
                (Some(pid), Signal::Kill) => process::kill_process_group(pid, process::Signal::KILL),
                (None, _) => Ok(()),
            };
        }
        #[cfg(not(unix))]
        {
            let (Signal::Terminate | Signal::Kill) = signal;
            let _ = self.child.start_kill();
        }
    }
}

#[derive(Clone, Copy)]
enum Signal {
    /// Save what there is to save, and end.
    Terminate,
    /// End.
    Kill,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
        if let Some(throwaway) = self.throwaway.take() {
            // Nobody is left to tell of an error.
            let _ = remove(throwaway);
        }
    }
}

/// Removes a folder that its last users may still be writing into.
fn remove(folder: TempDir) -> io::Result<()> {
    let path = folder.keep();
    let end = Instant::now() + LAST_WRITES;
    loop {
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if Instant::now() >= end => return Err(error),
            // It may have been made again: look once more.
            _ => std::thread::sleep(PAUSE),
        }
    }
}
