//! The module that cargo builds of an app's crate.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

const TARGET: &str = "wasm32-unknown-unknown";

/// What to build.
#[derive(Debug)]
pub(crate) struct Crate {
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) package: Option<String>,
    pub(crate) profile: String,
    /// More arguments for cargo.
    pub(crate) args: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// A line of `cargo build --message-format json`.
#[derive(Deserialize)]
struct Line {
    reason: String,
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Crate {
    /// The version of wasm-bindgen in its Cargo.lock.
    pub(crate) fn wasm_bindgen(&self) -> anyhow::Result<String> {
        let mut command = self.cargo("metadata");
        let output = command
            .args(["--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo: install Rust, see https://rustup.rs")?;
        ensure!(output.status.success(), "cargo cannot read the crate: see above");
        let Metadata { packages } = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
        let found = packages.into_iter().find(|package| package.name == "wasm-bindgen");
        Ok(found.context("the crate does not use wasm-bindgen: add the dependency `tidings`")?.version)
    }

    /// Builds, and says where the module is.
    pub(crate) fn build(&self) -> anyhow::Result<PathBuf> {
        self.check_target()?;
        let mut command = self.cargo("build");
        command.args(["--target", TARGET, "--message-format", "json-render-diagnostics", "--profile", &self.profile]);
        if let Some(package) = &self.package {
            command.args(["--package", package]);
        }
        let output = command.args(&self.args).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
        ensure!(output.status.success(), "cargo build has failed: see above");
        only(modules(&String::from_utf8_lossy(&output.stdout)))
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg(command);
        if let Some(manifest) = &self.manifest {
            let file = if manifest.is_dir() { manifest.join("Cargo.toml") } else { manifest.clone() };
            cargo.arg("--manifest-path").arg(file);
        }
        cargo
    }

    /// rustc's own error for a missing target is a long one about `core`.
    fn check_target(&self) -> anyhow::Result<()> {
        let mut rustc = Command::new("rustc");
        // A rust-toolchain.toml beside the crate decides.
        if let Some(folder) = self.manifest.as_deref().and_then(Path::parent).filter(|folder| folder.is_dir()) {
            rustc.current_dir(folder);
        }
        let Ok(output) = rustc.args(["--print", "target-libdir", "--target", TARGET]).output() else {
            return Ok(()); // cargo may know a rustc that we do not
        };
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(
            !output.status.success() || Path::new(&folder).is_dir(),
            "Rust's standard library for {TARGET} is missing: run `rustup target add {TARGET}`"
        );
        Ok(())
    }
}

/// The modules that a build has made, from what cargo has printed.
fn modules(output: &str) -> Vec<PathBuf> {
    output
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .filter(|line| line.reason == "compiler-artifact")
        .filter(|line| line.target.as_ref().is_some_and(|target| target.kind.iter().any(|kind| kind == "cdylib")))
        .flat_map(|line| line.filenames)
        .filter(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .collect()
}

fn only(mut modules: Vec<PathBuf>) -> anyhow::Result<PathBuf> {
    match (modules.pop(), modules.is_empty()) {
        (Some(module), true) => Ok(module),
        (Some(_), false) => bail!("there are several cdylibs: say which with --package"),
        (None, _) => {
            bail!("the crate makes no WASM module: put `crate-type = [\"cdylib\"]` under [lib] in its Cargo.toml")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: &str =
        r#"{"reason":"compiler-artifact","target":{"kind":["lib"]},"filenames":["/target/libcore.rlib"]}"#;
    const WORKER: &str = r#"{"reason":"compiler-artifact","target":{"kind":["cdylib","rlib"]},"filenames":["/target/chat.wasm","/target/libchat.rlib"]}"#;
    const END: &str = r#"{"reason":"build-finished","success":true}"#;

    #[test]
    fn the_one_module_of_a_build_is_found() {
        let found = only(modules(&[LIBRARY, "not JSON", WORKER, END].join("\n"))).expect("one");
        assert_eq!(found, Path::new("/target/chat.wasm"));
    }

    #[test]
    fn none_and_several_are_named_with_their_remedies() {
        let refusal = |lines: &[&str]| only(modules(&lines.join("\n"))).expect_err("refused").to_string();
        assert!(refusal(&[LIBRARY, END]).contains("crate-type"));
        assert!(refusal(&[WORKER, WORKER, END]).contains("--package"));
    }
}
