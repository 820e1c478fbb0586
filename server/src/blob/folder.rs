//! Uploads in a folder: of this machine, or one that several share.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt;

use crate::blob::{BlobFuture, BlobStore, BlobWriter, SIGN};
use crate::clock::unix_ms;
use crate::hex;
use crate::ids::JobId;

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
        Box::pin(async move { remove(&self.path(id)).await })
    }

    fn recover(&self, before_ms: i64) -> BlobFuture<'_, Vec<JobId>> {
        Box::pin(async move {
            let mut ids = Vec::new();
            let mut entries = tokio::fs::read_dir(&self.folder).await?;
            while let Some(entry) = entries.next_entry().await? {
                // Written to a moment ago: an upload on its way in another process.
                let Some(modified) = modified(&entry).await? else {
                    continue;
                };
                if modified >= before_ms {
                    continue;
                }
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with(UNFINISHED) {
                    remove(&entry.path()).await?;
                } else if let Some(id) = JobId::parse(&name) {
                    ids.push(id);
                }
            }
            Ok(ids)
        })
    }

    fn put_sign<'a>(&'a self, name: &'a str) -> BlobFuture<'a, ()> {
        Box::pin(async move {
            tokio::fs::write(self.folder.join(name), []).await?;
            sync_folder(&self.folder).await
        })
    }

    fn signs(&self) -> BlobFuture<'_, Vec<String>> {
        Box::pin(async move {
            let mut signs = Vec::new();
            let mut entries = tokio::fs::read_dir(&self.folder).await?;
            while let Some(entry) = entries.next_entry().await? {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(SIGN) {
                    signs.push(name);
                }
            }
            Ok(signs)
        })
    }
}

/// When a file was written to, unix milliseconds; `None` when it is gone meanwhile.
async fn modified(entry: &tokio::fs::DirEntry) -> io::Result<Option<i64>> {
    match entry.metadata().await {
        Ok(metadata) => Ok(Some(unix_ms(metadata.modified()?))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
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

/// Removes a file; one that is not there is no error.
async fn remove(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a rename durable: the folder's entry has to reach the disk too.
async fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        tokio::fs::File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}
