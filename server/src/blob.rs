//! Uploads. A [`BlobStore`] keeps the bytes of a job until the job ends; here it is a local folder.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use tokio::io::AsyncWriteExt;

use crate::hex;
use crate::ids::JobId;

/// A future of a store.
pub type BlobFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// Where uploads are kept.
pub trait BlobStore: Send + Sync {
    /// Starts an upload. Nothing is visible under `id` until [`BlobWriter::commit`].
    fn create<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Box<dyn BlobWriter>>;
    /// All bytes of an upload.
    fn read<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Vec<u8>>;
    /// Removes an upload; one that is not there is no error.
    fn delete<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, ()>;
    /// The uploads there are; clears what unfinished ones left behind. For the start of a server.
    fn recover(&self) -> BlobFuture<'_, Vec<JobId>>;
}

/// An upload on its way. Dropped without [`BlobWriter::commit`] it leaves nothing behind.
pub trait BlobWriter: Send {
    /// Adds bytes.
    fn write<'a>(&'a mut self, chunk: &'a [u8]) -> BlobFuture<'a, ()>;
    /// Makes the upload durable and visible under its id.
    fn commit(self: Box<Self>) -> BlobFuture<'static, ()>;
}

/// Uploads as files of a folder, named by their job.
pub struct FolderStore {
    folder: PathBuf,
}

/// In front of the names of unfinished uploads.
const UNFINISHED: &str = "unfinished-";

impl FolderStore {
    /// The store in `folder`, which is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn path(&self, id: &JobId) -> PathBuf {
        self.folder.join(id.as_str())
    }
}

impl BlobStore for FolderStore {
    fn create<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Box<dyn BlobWriter>> {
        Box::pin(async move {
            let unfinished = Unfinished(
                self.folder
                    .join(format!("{UNFINISHED}{}", hex::random(16)?)),
            );
            let file = tokio::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&unfinished.0)
                .await?;
            Ok(Box::new(FolderWriter {
                file,
                unfinished,
                folder: self.folder.clone(),
                path: self.path(id),
            }) as Box<dyn BlobWriter>)
        })
    }

    fn read<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Vec<u8>> {
        Box::pin(tokio::fs::read(self.path(id)))
    }

    fn delete<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, ()> {
        Box::pin(async move {
            match tokio::fs::remove_file(self.path(id)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
    }

    fn recover(&self) -> BlobFuture<'_, Vec<JobId>> {
        Box::pin(async move {
            let mut ids = Vec::new();
            let mut entries = tokio::fs::read_dir(&self.folder).await?;
            while let Some(entry) = entries.next_entry().await? {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with(UNFINISHED) {
                    tokio::fs::remove_file(entry.path()).await?;
                } else if let Some(id) = JobId::parse(&name) {
                    ids.push(id);
                }
            }
            Ok(ids)
        })
    }
}

/// The path of an unfinished upload; removed when dropped. After the rename there is nothing to remove.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

struct FolderWriter {
    file: tokio::fs::File,
    unfinished: Unfinished,
    folder: PathBuf,
    path: PathBuf,
}

impl BlobWriter for FolderWriter {
    fn write<'a>(&'a mut self, chunk: &'a [u8]) -> BlobFuture<'a, ()> {
        Box::pin(self.file.write_all(chunk))
    }

    fn commit(mut self: Box<Self>) -> BlobFuture<'static, ()> {
        Box::pin(async move {
            self.file.flush().await?;
            self.file.sync_all().await?;
            tokio::fs::rename(&self.unfinished.0, &self.path).await?;
            sync_folder(&self.folder).await
        })
    }
}

/// Makes a rename durable: the folder's entry has to reach the disk too.
async fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        tokio::fs::File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}
