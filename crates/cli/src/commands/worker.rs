//! `tidings worker`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::worker::{
    build::Crate,
    pack,
    tools::{self, WasmBindgen},
};

/// Pack a service worker written in Rust into one script
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tidings worker                                     the crate in this folder, to worker.js
  tidings worker --manifest-path sw --out www/sw.js  another crate, to another file
  tidings worker --package sw -- --features calls    a member of the workspace, with more for cargo
  tidings worker --wasm target/wasm32-unknown-unknown/release/sw.wasm

The crate is a cdylib that calls tidings::export_worker!(configure). The script needs no other file.
It needs the wasm-bindgen CLI of the crate's version, and makes the script smaller with wasm-opt if there is one.")]
pub(crate) struct Args {
    /// The crate's Cargo.toml, or its folder
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// The crate's name, in a workspace
    #[arg(long, short, value_name = "NAME")]
    package: Option<String>,
    /// A module that is built already; nothing is built then
    #[arg(long, value_name = "FILE", conflicts_with_all = ["manifest_path", "package", "profile", "cargo_args"])]
    wasm: Option<PathBuf>,
    /// The profile of cargo to build with
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
    /// Where the script goes
    #[arg(long, short, value_name = "FILE", default_value = "worker.js")]
    out: PathBuf,
    /// The wasm-bindgen CLI, if it is not the one on PATH
    #[arg(long, value_name = "PROGRAM", env = "WASM_BINDGEN")]
    wasm_bindgen: Option<PathBuf>,
    /// Binaryen's wasm-opt, if it is not the one on PATH
    #[arg(long, value_name = "PROGRAM", env = "WASM_OPT")]
    wasm_opt: Option<PathBuf>,
    /// Do not use wasm-opt
    #[arg(long, conflicts_with = "wasm_opt")]
    no_opt: bool,
    /// More arguments for cargo build
    #[arg(last = true)]
    cargo_args: Vec<String>,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let tool = self.wasm_bindgen.as_deref();
        let (wasm_bindgen, wasm) = match self.wasm {
            Some(wasm) => {
                let first = fs::read(&wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
                anyhow::ensure!(first.starts_with(b"\0asm"), "{} is no WASM module", wasm.display());
                (WasmBindgen::find(tool, None)?, wasm)
            }
            None => {
                let app = Crate {
                    manifest: self.manifest_path,
                    package: self.package,
                    profile: self.profile,
                    args: self.cargo_args,
                };
                // Before the build, which takes longer than being told that a tool is missing.
                let wasm_bindgen = WasmBindgen::find(tool, Some(&app.wasm_bindgen()?))?;
                (wasm_bindgen, app.build()?)
            }
        };
        let (glue, mut bytes) = wasm_bindgen.run(&wasm)?;
        if !self.no_opt {
            bytes = tools::optimised(self.wasm_opt.as_deref(), bytes)?;
        }
        let script = pack(&glue, &bytes)?;
        write(&self.out, script.as_bytes()).with_context(|| format!("cannot write {}", self.out.display()))?;
        println!("{}: {} bytes, {} of them WASM", self.out.display(), script.len(), bytes.len());
        Ok(())
    }
}

/// Whoever reads the file gets the old one or the new one, never a part.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut options = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A web server may be another user.
        options.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut new = options.tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("worker.js");
        for text in ["old", "new"] {
            write(&file, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&file).expect("read"), text);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 1);
        assert!(write(&folder.path().join("missing/worker.js"), b"").is_err());
    }
}
