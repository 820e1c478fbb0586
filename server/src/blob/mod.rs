//! Uploads. A [`BlobStore`] keeps the bytes of a job for as long as its result: in a local or shared folder, or in S3-compatible storage.

mod bucket;

mod folder;

use std::future::Future;
use std::io;
use std::pin::Pin;

pub use bucket::{BucketSettings, BucketStore};
pub use folder::FolderStore;

use crate::ids::JobId;

/// A future of a store.
pub type BlobFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// How the names of signs begin; no upload is called so.
pub const SIGN: &str = "store-";

/// Where uploads are kept.
pub trait BlobStore: Send + Sync {
    /// Starts an upload. Nothing is visible under `id` until [`BlobWriter::commit`].
    fn create<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Box<dyn BlobWriter>>;
    /// All bytes of an upload.
    fn read<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Vec<u8>>;
    /// Removes an upload; one that is not there is no error.
    fn delete<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, ()>;
    /// The uploads that were there before `before_ms` (unix milliseconds); clears what unfinished ones from before it left behind.
    fn recover(&self, before_ms: i64) -> BlobFuture<'_, Vec<JobId>>;
    /// Puts up a sign called `name`, by which processes know that they use the same store.
    fn put_sign<'a>(&'a self, name: &'a str) -> BlobFuture<'a, ()>;
    /// The names of the signs that are up, all of which begin with [`SIGN`].
    fn signs(&self) -> BlobFuture<'_, Vec<String>>;
}

/// An upload on its way. Dropped without [`BlobWriter::commit`] it leaves nothing behind.
pub trait BlobWriter: Send {
    /// Adds bytes.
    fn write<'a>(&'a mut self, chunk: &'a [u8]) -> BlobFuture<'a, ()>;
    /// Makes the upload durable and visible under its id.
    fn commit(self: Box<Self>) -> BlobFuture<'static, ()>;
}
