//! Uploads in a bucket of S3-compatible storage.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use tokio::io::AsyncWriteExt;

use crate::blob::{BlobFuture, BlobStore, BlobWriter, SIGN};
use crate::ids::JobId;

/// The usual variables of S3 that are read, and what each sets.
const VARIABLES: [(&str, AmazonS3ConfigKey); 14] = [
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    // The second of a pair counts when both are set.
    ("AWS_DEFAULT_REGION", AmazonS3ConfigKey::Region),
    ("AWS_REGION", AmazonS3ConfigKey::Region),
    ("AWS_ENDPOINT_URL", AmazonS3ConfigKey::Endpoint),
    ("AWS_ENDPOINT_URL_S3", AmazonS3ConfigKey::Endpoint),
    (
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
        AmazonS3ConfigKey::VirtualHostedStyleRequest,
    ),
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        AmazonS3ConfigKey::WebIdentityTokenFile,
    ),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        AmazonS3ConfigKey::ContainerCredentialsFullUri,
    ),
    (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
    ),
];

/// A bucket and how to reach it.
#[derive(Clone)]
pub struct BucketSettings {
    bucket: String,
    prefix: Path,
    settings: Vec<(AmazonS3ConfigKey, String)>,
}

/// Without the settings: credentials are among them.
impl fmt::Debug for BucketSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl FromStr for BucketSettings {
    type Err = String;

    /// `s3://bucket` or `s3://bucket/prefix`.
    fn from_str(address: &str) -> Result<Self, String> {
        let rest = address.trim().strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if bucket.is_empty() || !bucket.chars().all(is_name) {
            return Err(
                "it is a folder, or s3:// with a bucket and, where wanted, a prefix".into(),
            );
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: Path::parse(prefix.trim_matches('/')).map_err(|error| error.to_string())?,
            settings: Vec::new(),
        })
    }
}

impl BucketSettings {
    /// The same bucket, reached as the variables that `get` knows say.
    #[must_use]
    pub fn with_variables(mut self, get: impl Fn(&str) -> Option<String>) -> Self {
        for (variable, key) in VARIABLES {
            if let Some(value) = get(variable) {
                self.settings.push((key, value.trim().to_owned()));
            }
        }
        self
    }
}

/// Uploads as objects of a bucket, named by their job.
pub struct BucketStore {
    store: Arc<AmazonS3>,
    prefix: Path,
}

impl BucketStore {
    /// The store in a bucket, which has to be there.
    ///
    /// # Errors
    /// When the settings cannot be used. The bucket is not asked yet.
    pub fn new(settings: &BucketSettings) -> io::Result<Self> {
        crate::net::use_ring();
        let mut builder = AmazonS3Builder::new().with_bucket_name(&settings.bucket);
        for (key, value) in &settings.settings {
            // An endpoint without TLS is the operator's own doing: storage on the same host or network.
            if *key == AmazonS3ConfigKey::Endpoint && value.starts_with("http://") {
                builder = builder.with_allow_http(true);
            }
            builder = builder.with_config(*key, value);
        }
        Ok(Self {
            store: Arc::new(builder.build()?),
            prefix: settings.prefix.clone(),
        })
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }
}

impl BlobStore for BucketStore {
    fn create<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Box<dyn BlobWriter>> {
        // One request for a file of 10 MB or less, in parts above: nothing is there before the last of them was confirmed.
        let store = Arc::clone(&self.store) as Arc<dyn ObjectStore>;
        let writer = BufWriter::new(store, self.path(id.as_str()));
        Box::pin(async move { Ok(Box::new(BucketWriter(Some(writer))) as Box<dyn BlobWriter>) })
    }

    fn read<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, Vec<u8>> {
        Box::pin(async move {
            let found = self.store.get(&self.path(id.as_str())).await?;
            Ok(found.bytes().await?.into())
        })
    }

    fn delete<'a>(&'a self, id: &'a JobId) -> BlobFuture<'a, ()> {
        Box::pin(async move {
            match self.store.delete(&self.path(id.as_str())).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Parts of uploads that were never finished are seen by no listing: a rule of the bucket has to remove them.
    fn recover(&self, before_ms: i64) -> BlobFuture<'_, Vec<JobId>> {
        Box::pin(async move {
            let mut ids = Vec::new();
            let mut objects = self.store.list(Some(&self.prefix));
            while let Some(object) = objects.try_next().await? {
                let id = object.location.filename().and_then(JobId::parse);
                if object.last_modified.timestamp_millis() < before_ms {
                    ids.extend(id);
                }
            }
            Ok(ids)
        })
    }

    fn put_sign<'a>(&'a self, name: &'a str) -> BlobFuture<'a, ()> {
        Box::pin(async move {
            let path = self.path(name);
            self.store.put(&path, PutPayload::new()).await?;
            Ok(())
        })
    }

    fn signs(&self) -> BlobFuture<'_, Vec<String>> {
        Box::pin(async move {
            let mut signs = Vec::new();
            let mut objects = self.store.list(Some(&self.prefix));
            while let Some(object) = objects.try_next().await? {
                let name = object.location.filename().unwrap_or_default();
                if name.starts_with(SIGN) {
                    signs.push(name.to_owned());
                }
            }
            Ok(signs)
        })
    }
}

struct BucketWriter(Option<BufWriter>);

impl BlobWriter for BucketWriter {
    fn write<'a>(&'a mut self, chunk: &'a [u8]) -> BlobFuture<'a, ()> {
        Box::pin(async move {
            match &mut self.0 {
                Some(writer) => writer.write_all(chunk).await,
                None => Err(io::ErrorKind::BrokenPipe.into()),
            }
        })
    }

    fn commit(mut self: Box<Self>) -> BlobFuture<'static, ()> {
        let writer = self.0.take();
        Box::pin(async move {
            match writer {
                Some(mut writer) => writer.shutdown().await,
                None => Err(io::ErrorKind::BrokenPipe.into()),
            }
        })
    }
}

impl Drop for BucketWriter {
    /// Parts that were sent are given up; where the process dies first, the bucket's rule removes them.
    fn drop(&mut self) {
        if let (Some(mut writer), Ok(runtime)) =
            (self.0.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move {
                let _ = writer.abort().await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_with_or_without_a_prefix_and_shows_no_credentials() {
        for (address, shown) in [
            ("s3://scans", "s3://scans/"),
            ("s3://scans/", "s3://scans/"),
            (" s3://scans.eu/a/b/ ", "s3://scans.eu/a/b"),
        ] {
            let settings: BucketSettings = address.parse().unwrap();
            let settings = settings.with_variables(|name| Some(format!("secret of {name}")));
            assert_eq!(settings.settings.len(), VARIABLES.len());
            assert_eq!(format!("{settings:?}"), shown);
        }
        for wrong in [
            "",
            "s3://",
            "s3:///a",
            "s3://a b",
            "gs://scans",
            "s3://a/../b",
        ] {
            assert!(wrong.parse::<BucketSettings>().is_err(), "{wrong}");
        }
    }
}
