//! Files beside the database, in one folder, each under a random name.
//!
//! A file is written and reaches the disk before the commit that names it, and is removed after the commit that forgets
//! it. So a row never lacks its file; a crash between the two leaves a file without a row, which [`sweep`] removes.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::clock::{Clock, Random};
use crate::domain::attachment::{FileName, FileType, KeptFile, MAX_FILE, SAMPLE, Sample};
use crate::domain::time::Span;
use crate::domain::{Error, Result};
use crate::store::{Store, attachments};

/// A file without a row that is younger than this may be on its way to one.
const UNCLAIMED: Span = Span::hours(1);
/// Names that are looked up at once.
const BITE: usize = 500;

/// Where the files are. Cheap to clone. The folder is made when the first file comes.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder, whether it is there or not.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Begins a new file, which only this server's user may read.
    pub fn draft(&self, random: Random) -> Result<Draft> {
        let name = random.hex::<16>()?;
        self.make().map_err(unwritable)?;
        let path = self.0.join(&name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(unwritable)?;
        Ok(Draft { file, name, size: 0, digest: Sha256::new(), orphan: Orphan { path, kept: false } })
    }

    /// Copies a file to the disk under a new name, which it gives; `None` where the file has gone. Blocks.
    pub fn copy(&self, name: &str, random: Random) -> Result<Option<String>> {
        let mut source = match File::open(self.0.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            source => source.map_err(unreadable)?,
        };
        let mut draft = self.draft(random)?;
        io::copy(&mut source, &mut draft.file).map_err(unwritable)?;
        draft.keep().map(Some)
    }

    /// Opens a file to read it.
    pub fn open(&self, name: &str) -> Result<File> {
        File::open(self.0.join(name)).map_err(unreadable)
    }

    /// Removes a file that no row names any more. What cannot be removed now, [`sweep`] removes later.
    pub fn remove(&self, name: &str) {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, name, "a file could not be removed");
            }
            _ => {}
        }
    }

    fn make(&self) -> io::Result<()> {
        if self.0.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let parent = self.0.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync(parent.unwrap_or(Path::new(".")))
    }

    /// The names of files that were last written before a point in time, in seconds since 1970.
    fn older_than(&self, seconds: i64) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            // What is not of this form is not ours.
            if metadata.is_file() && metadata.mtime() < seconds && is_stored_name(&entry.file_name().to_string_lossy())
            {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    }
}

fn is_stored_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Makes the names in a folder survive a power loss.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[allow(clippy::needless_pass_by_value)]
fn unreadable(error: io::Error) -> Error {
    Error::Internal(format!("a file cannot be read: {error}"))
}

#[allow(clippy::needless_pass_by_value)]
fn unwritable(error: io::Error) -> Error {
    Error::Unavailable(format!("a file cannot be written: {error}"))
}

/// A file that is being written. Unless it is kept, it goes away with the value.
#[derive(Debug)]
pub struct Draft {
    file: File,
    name: String,
    size: u64,
    digest: Sha256,
    orphan: Orphan,
}

#[derive(Debug)]
struct Orphan {
    path: PathBuf,
    kept: bool,
}

impl Drop for Orphan {
    fn drop(&mut self) {
        if !self.kept && fs::remove_file(&self.path).is_err() {
            tracing::warn!("a file that is not wanted could not be removed");
        }
    }
}

impl Draft {
    /// Whether so many more bytes would make it larger than an attachment may be.
    pub fn would_overflow(&self, more: usize) -> bool {
        self.size.saturating_add(more as u64) > MAX_FILE
    }

    /// Appends bytes. Blocks.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(unwritable)?;
        self.size += bytes.len() as u64;
        self.digest.update(bytes);
        Ok(())
    }

    /// The SHA-256 of its bytes, in hex.
    pub fn digest(&self) -> String {
        hex::encode(self.digest.clone().finalize())
    }

    /// Its beginning and its end. Blocks.
    pub fn sample(&self) -> Result<Sample> {
        let part = |from: u64| {
            let mut bytes = vec![0; SAMPLE];
            let mut filled = 0;
            while filled < bytes.len() {
                match self.file.read_at(&mut bytes[filled..], from + filled as u64)? {
                    0 => break,
                    count => filled += count,
                }
            }
            bytes.truncate(filled);
            Ok(bytes)
        };
        let both = part(0).and_then(|head| Ok((head, part(self.size.saturating_sub(SAMPLE as u64))?)));
        let (head, tail) = both.map_err(unwritable)?;
        Ok(Sample { head, tail })
    }

    /// Keeps it as a file of this name and type. Blocks.
    pub fn keep_as(self, name: FileName, file_type: FileType) -> Result<KeptFile> {
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        Ok(KeptFile { name, file_type, size, stored_name: self.keep()? })
    }

    /// Brings it to the disk, keeps it and gives its name. Blocks.
    fn keep(mut self) -> Result<String> {
        self.file.sync_all().map_err(unwritable)?;
        let folder = self.orphan.path.parent().unwrap_or(Path::new("."));
        sync(folder).map_err(unwritable)?;
        self.orphan.kept = true;
        Ok(self.name)
    }
}

/// Removes files that a crash left without a row. Runs at start.
pub async fn sweep(folder: Folder, store: Store, clock: Clock) {
    match swept(&folder, &store, &clock).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "files without a row were removed"),
        Err(error) => tracing::warn!(%error, "files without a row could not be looked for"),
    }
}

async fn swept(folder: &Folder, store: &Store, clock: &Clock) -> Result<usize> {
    let before = (clock.now() - UNCLAIMED).seconds();
    let names = folder.older_than(before).map_err(|error| Error::Internal(error.to_string()))?;
    let mut count = 0;
    for bite in names.chunks(BITE) {
        let asked = bite.to_vec();
        let known = store.query(move |tx| attachments::stored(tx, &asked)).await?;
        for name in bite.iter().filter(|name| !known.contains(*name)) {
            folder.remove(name);
            count += 1;
        }
    }
    Ok(count)
}
