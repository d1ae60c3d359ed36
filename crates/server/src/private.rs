//! Files and folders for their owner alone. Only Unix has modes; elsewhere the folder's own rights must do.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Who can read a file besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    Nobody,
    Group,
    Everybody,
}

/// Makes a folder, and those above it, with mode 0700; one that is there stays as it is.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a file that has mode 0600 from the start; fails if there is one.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

/// Who can read a file.
pub(crate) fn readers(path: &Path) -> io::Result<Readers> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    let mode = std::os::unix::fs::MetadataExt::mode(&metadata);
    #[cfg(not(unix))]
    let mode = {
        drop(metadata);
        0
    };
    Ok(match mode {
        mode if mode & 0o007 != 0 => Readers::Everybody,
        mode if mode & 0o070 != 0 => Readers::Group,
        _ => Readers::Nobody,
    })
}
