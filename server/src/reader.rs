//! What reads pages: the engine behind a trait, so that tests of the API need no weights.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ocr_chat_document::{EngineInfo, Page, PageStatus, ReadBy, Tier, Warning, WarningCode};
use ocr_chat_engine::{
    Engine, EngineError, Limits, ModelFiles, ModelLibrary, OpenError, PageError, PageImage,
    Quality, ReadOptions, Source, TextLayers,
};
use ocr_chat_language::Choice;
use ocr_chat_models::{Manifest, ManifestError, recogniser_file};

/// The values of `ocr` in the API, on the command line and in the database.
pub const OCR_VALUES: [(&str, TextLayers); 3] = [
    ("auto", TextLayers::Auto),
    ("force", TextLayers::Ignore),
    ("off", TextLayers::Only),
];

/// What the value of `ocr` called `name` means; `None` where there is none.
pub fn text_layers(name: &str) -> Option<TextLayers> {
    let found = OCR_VALUES.iter().find(|(value, _)| *value == name);
    found.map(|(_, text_layers)| *text_layers)
}

/// The value of `ocr` that means `text_layers`.
pub fn ocr_value(text_layers: TextLayers) -> &'static str {
    let found = OCR_VALUES.iter().find(|(_, value)| *value == text_layers);
    found.map_or("auto", |(name, _)| name)
}

/// How a document is opened and read.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Which engine reads.
    pub tier: Tier,
    /// What its text is in; `None` to find out.
    pub language: Option<Choice>,
    /// What becomes of text that its pages bring along.
    pub text_layers: TextLayers,
    /// What opens an encrypted PDF.
    pub password: Option<String>,
}

/// Opens documents. Called on threads of the CPU pool.
pub trait PageReader: Send + Sync {
    /// What reads pages of `tier`, as answers report it.
    fn info(&self, tier: Tier) -> EngineInfo;

    /// Opens a document from its bytes.
    ///
    /// # Errors
    /// [`OpenError`] when nothing of it can be read.
    fn open(&self, bytes: Vec<u8>, how: &Opening) -> Result<Arc<dyn OpenDocument>, OpenError>;
}

/// An opened document. Called on threads of the CPU pool, several at once.
pub trait OpenDocument: Send + Sync {
    /// Number of pages, at least 1.
    fn n_pages(&self) -> usize;

    /// What opening had to tell.
    fn warnings(&self) -> Vec<Warning>;

    /// Reads page `index`, from 0. A page that cannot be read is a failed [`Page`].
    ///
    /// # Errors
    /// Only [`PageError::Cancelled`], once `should_stop` says `true`.
    fn read_page(
        &self,
        index: usize,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Page, PageError>;

    /// The pixels of page `index`, stored with `rotation` (degrees clockwise): what boxes of the page that was read count in. `None` where
    /// there are none.
    fn picture(&self, index: usize, rotation: u16) -> Option<PageImage> {
        let _ = (index, rotation);
        None
    }
}

/// Why no engine could be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The manifest is damaged.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No model of this name.
    #[error("there is no model {name:?}; there are {known}")]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A model's file is not there.
    #[error("the model file {path} cannot be read ({reason}); `cargo xtask models` fetches it")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The files do not make an engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Loads the model called `name` from the models folder.
///
/// # Errors
/// [`LoadError`] says which file or model is missing.
pub fn load_engine(
    name: &str,
    models_dir: &Path,
    limits: Limits,
    n_threads: usize,
) -> Result<Arc<Engine>, LoadError> {
    let manifest = Manifest::built_in()?;
    let model = manifest
        .model(name)
        .ok_or_else(|| LoadError::UnknownModel {
            name: name.to_owned(),
            known: manifest
                .models
                .iter()
                .map(|model| model.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
    let file_error = |path: &Path, error: std::io::Error| LoadError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let read = |file: &str| {
        let path = models_dir.join(file);
        std::fs::read(&path).map_err(|error| file_error(&path, error))
    };
    let dictionary_path = models_dir.join(&model.dictionary);
    let files = ModelFiles {
        name: model.name.clone(),
        detector: read(&model.detector)?,
        recogniser: read(&model.recogniser)?,
        dictionary: std::fs::read_to_string(&dictionary_path)
            .map_err(|error| file_error(&dictionary_path, error))?,
        script_classifier: read(&manifest.shared.script_classifier)?,
        language_identifier: read(&manifest.shared.language_identifier)?,
    };
    let library = ModelFolder(models_dir.to_path_buf());
    Ok(Engine::load(
        files,
        Some(Box::new(library)),
        limits,
        n_threads,
    )?)
}

/// The LSTM recognisers of a models folder.
struct ModelFolder(PathBuf);

impl ModelLibrary for ModelFolder {
    fn load(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(recogniser_file(name))).ok()
    }
}

/// What `engine` is called in answers where it reads pages of `tier`.
pub fn engine_info(engine: &Engine, tier: Tier) -> EngineInfo {
    match tier {
        Tier::Vlm => EngineInfo {
            name: "local-premium".to_owned(),
            ..engine.info().clone()
        },
        _ => engine.info().clone(),
    }
}

/// Reads a page of `tier`, and says on it what read it.
///
/// # Errors
/// Only [`PageError::Cancelled`], when the caller's `should_stop` says so.
pub fn read_page(
    engine: &Engine,
    source: &Source,
    index: usize,
    tier: Tier,
    options: &ReadOptions<'_>,
) -> Result<Page, PageError> {
    let quality = match tier {
        Tier::Vlm => Quality::Premium,
        _ => Quality::Standard,
    };
    let page = engine.read_source_page(
        source,
        index,
        &ReadOptions {
            quality,
            ..options.clone()
        },
    )?;
    // Of a page whose own text was taken only what that left open is recognised.
    let is_recognised = page.status == PageStatus::Done
        && !page
            .warnings
            .iter()
            .any(|warning| warning.code == WarningCode::TextLayerUsed);
    let read_by = match tier {
        Tier::Vlm if is_recognised => ReadBy::LocalPremium,
        _ => ReadBy::Cpu,
    };
    Ok(Page { read_by, ..page })
}

/// The engine of this project as a [`PageReader`].
pub struct EngineReader(pub Arc<Engine>);

impl PageReader for EngineReader {
    fn info(&self, tier: Tier) -> EngineInfo {
        engine_info(&self.0, tier)
    }

    fn open(&self, bytes: Vec<u8>, how: &Opening) -> Result<Arc<dyn OpenDocument>, OpenError> {
        Ok(Arc::new(EngineDocument {
            source: Source::open(bytes, self.0.limits(), how.password.as_deref())?,
            engine: Arc::clone(&self.0),
            tier: how.tier,
            language: how.language,
            text_layers: how.text_layers,
        }))
    }
}

struct EngineDocument {
    engine: Arc<Engine>,
    source: Source,
    tier: Tier,
    language: Option<Choice>,
    text_layers: TextLayers,
}

impl OpenDocument for EngineDocument {
    fn n_pages(&self) -> usize {
        self.source.n_pages()
    }

    fn warnings(&self) -> Vec<Warning> {
        self.source.warnings().to_vec()
    }

    fn picture(&self, index: usize, rotation: u16) -> Option<PageImage> {
        let image = self.source.page(index).ok()?;
        Some(if image.rotation == rotation {
            image
        } else {
            image.turned_to(rotation)
        })
    }

    fn read_page(
        &self,
        index: usize,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Page, PageError> {
        let options = ReadOptions {
            should_stop: Some(should_stop),
            language: self.language,
            text_layers: self.text_layers,
            ..ReadOptions::default()
        };
        read_page(&self.engine, &self.source, index, self.tier, &options)
    }
}
