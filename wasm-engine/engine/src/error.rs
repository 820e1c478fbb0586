//! What can go wrong, by stage.

/// Why the models could not be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The model's bytes are not a graph this engine can run.
    #[error("the {role} model could not be loaded: {reason}")]
    Model {
        /// What it is for: `detector`, `recogniser`.
        role: &'static str,
        /// What the inference library said.
        reason: String,
    },
    /// Dictionary and recogniser do not belong together.
    #[error("the dictionary gives {dictionary} classes, the recogniser has {model}")]
    Dictionary {
        /// Classes by the dictionary, blank and space included.
        dictionary: usize,
        /// Classes of the recogniser's output.
        model: usize,
    },
}

/// Why a file was not opened. Nothing of it has been read then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Not a format this engine reads; by content, the file's name does not count.
    #[error("this is not a PNG, JPEG, WEBP, GIF, BMP, TIFF or PDF file")]
    UnsupportedFormat,
    /// A format that is known but not read, with advice.
    #[error("{format} files are not supported: {advice}")]
    KnownButUnsupported {
        /// Name of the format.
        format: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// The file is larger than [`crate::Limits::max_file_bytes`].
    #[error("the file has {bytes} bytes, more than the {max} allowed")]
    FileTooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// The document has more pages than [`crate::Limits::max_pages`].
    #[error("the document has {pages} pages, more than the {max} allowed")]
    TooManyPages {
        /// Pages of the document.
        pages: usize,
        /// The limit.
        max: usize,
    },
    /// The picture has more pixels than [`crate::Limits::max_page_pixels`], or a side is too long.
    #[error("the picture is {width} x {height} pixels, more than the {max} pixels allowed")]
    TooManyPixels {
        /// Declared width.
        width: u64,
        /// Declared height.
        height: u64,
        /// The limit on width x height.
        max: u64,
    },
    /// The PDF needs a password to open.
    #[error("the PDF is protected with a password; remove the protection and send it again")]
    PasswordNeeded,
    /// The document has no pages.
    #[error("the document has no pages")]
    NoPages,
    /// The file is damaged beyond reading.
    #[error("the {format} file is damaged: {reason}")]
    Damaged {
        /// Name of the format.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
}

/// Why one page could not be read. The other pages are not affected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// The page could not be decoded or rendered.
    #[error("the page could not be decoded: {0}")]
    Decode(String),
    /// The page is larger than the limits allow.
    #[error("the page is {width} x {height} pixels, more than the {max} pixels allowed")]
    TooManyPixels {
        /// Declared width.
        width: u64,
        /// Declared height.
        height: u64,
        /// The limit on width x height.
        max: u64,
    },
    /// A network failed to run on the page.
    #[error("{stage} failed: {reason}")]
    Inference {
        /// `detection` or `recognition`.
        stage: &'static str,
        /// What the inference library said.
        reason: String,
    },
    /// An engine without a library of LSTM recognisers needs these; [`crate::Engine::provide`] them and read again.
    #[error("the recognisers {} are needed", .0.join(", "))]
    NeedsModels(Vec<&'static str>),
    /// The caller asked to stop.
    #[error("reading was cancelled")]
    Cancelled,
    /// There is no such page.
    #[error("the document has no page {0}")]
    NoSuchPage(usize),
}
