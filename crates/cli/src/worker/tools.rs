//! The programs that make a script of a module, each found and named in its errors.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};

/// The WASM features that rustc turns on for wasm32-unknown-unknown, and every browser with service workers has.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The `wasm-bindgen` CLI, which must be of the very version of the crate.
#[derive(Debug)]
pub(crate) struct WasmBindgen(PathBuf);

impl WasmBindgen {
    /// `wanted` is the crate's version, if it is known.
    pub(crate) fn find(given: Option<&Path>, wanted: Option<&str>) -> anyhow::Result<Self> {
        let program = given.unwrap_or(Path::new("wasm-bindgen"));
        let version = wanted.map(|wanted| format!(" --version {wanted}")).unwrap_or_default();
        let remedy = format!(
            "install it with `cargo install wasm-bindgen-cli{version}`, or name another with --wasm-bindgen or WASM_BINDGEN"
        );
        let found = version_of(program).with_context(|| format!("cannot run {}: {remedy}", program.display()))?;
        if let Some(wanted) = wanted {
            ensure!(
                found == wanted,
                "{} is of version {found}, but the app uses wasm-bindgen {wanted}, and both must be the same: {remedy}",
                program.display()
            );
        }
        Ok(Self(program.to_owned()))
    }

    /// The glue and the bytes of a module.
    pub(crate) fn run(&self, wasm: &Path) -> anyhow::Result<(String, Vec<u8>)> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let status = Command::new(&self.0)
            .arg(wasm)
            .args(["--target", "no-modules", "--no-typescript", "--omit-default-module-path"])
            .args(["--remove-name-section", "--remove-producers-section", "--out-name", "worker", "--out-dir"])
            .arg(folder.path())
            .status()
            .with_context(|| format!("cannot run {}", self.0.display()))?;
        ensure!(status.success(), "wasm-bindgen refuses {}: see above", wasm.display());
        let file = |name| folder.path().join(name);
        let glue = fs::read_to_string(file("worker.js")).context("wasm-bindgen has written no worker.js")?;
        let bytes = fs::read(file("worker_bg.wasm")).context("wasm-bindgen has written no worker_bg.wasm")?;
        Ok((glue, bytes))
    }
}

/// The last word of the first line of what `--version` prints.
fn version_of(program: &Path) -> anyhow::Result<String> {
    let output = Command::new(program).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    words.nth(1).map(str::to_owned).context("it does not say its version")
}

/// The module made smaller by Binaryen's `wasm-opt`. One that nobody has named may be missing, or too old: then the
/// module stays as it is, which is said.
pub(crate) fn optimised(given: Option<&Path>, bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    match (shrink(given.unwrap_or(Path::new("wasm-opt")), &bytes), given) {
        (Ok(smaller), _) => Ok(smaller),
        (Err(error), Some(_)) => Err(error),
        (Err(error), None) => {
            eprintln!("tidings: not made smaller: {error:#} (install Binaryen, or name it with --wasm-opt)");
            Ok(bytes)
        }
    }
}

fn shrink(program: &Path, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (from, to) = (folder.path().join("in.wasm"), folder.path().join("out.wasm"));
    fs::write(&from, bytes)?;
    let output = Command::new(program)
        .args([from.as_os_str(), OsStr::new("-o"), to.as_os_str()])
        .args(FEATURES)
        .args(["-Oz", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features"])
        .stdout(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        bail!("{} has failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    fs::read(&to).with_context(|| format!("{} has written nothing", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_wasm_bindgen_is_named_with_its_remedy() {
        let error = WasmBindgen::find(Some(Path::new("/missing/wasm-bindgen")), Some("0.2.130")).expect_err("missing");
        let text = format!("{error:#}");
        assert!(text.contains("/missing/wasm-bindgen"), "{text}");
        assert!(text.contains("`cargo install wasm-bindgen-cli --version 0.2.130`"), "{text}");
    }

    #[test]
    fn another_version_is_refused() {
        // `cargo --version` prints "cargo 1.95.0 (…)".
        let error = WasmBindgen::find(Some(Path::new("cargo")), Some("0.2.130")).expect_err("another version");
        assert!(error.to_string().contains("the app uses wasm-bindgen 0.2.130"), "{error}");
        assert!(WasmBindgen::find(Some(Path::new("cargo")), None).is_ok());
    }

    #[test]
    fn without_wasm_opt_the_module_stays_unless_one_was_named() {
        let missing = Path::new("/missing/wasm-opt");
        assert!(optimised(Some(missing), vec![1]).is_err());
        assert!(shrink(missing, &[1]).expect_err("missing").to_string().contains("/missing/wasm-opt"));
    }
}
