//! `tidings serve`.

/// To be written.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("not written yet")
    }
}
