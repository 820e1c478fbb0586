//! The operator's own network that writes formulas, on this server's CPU.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ocr_chat_document::{BBox, BlockKind, Page, Warning, WarningCode};
use ocr_chat_engine::{FormulaFiles, FormulaNetwork, PageImage};
use ocr_chat_vision::TokenUsage;
use ocr_chat_vision::formula::{FormulaAttempt, FormulaModel, FormulaTask, Writing, Written, take};
use ocr_chat_vision::model::ReadError;

use crate::cpu_pool::CpuPool;
use crate::tools::{Need, Tool};

/// Largest file of a network, in bytes.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// Formulas that wait for the network, of all jobs.
const MAX_WAITING: usize = 10_000;

/// Longest that a formula may take. One of 100 tokens takes a second or two on a network of some million weights.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is wrong with the folder of `OCR_CHAT_FORMULA_MODEL`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormulaModelError {
    /// A file is missing or cannot be read.
    #[error("OCR_CHAT_FORMULA_MODEL: {file}: {reason}")]
    File {
        /// Its name in the folder.
        file: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The files are no network, or do not belong together.
    #[error("OCR_CHAT_FORMULA_MODEL: {0}")]
    Network(#[from] ocr_chat_engine::EngineError),
    /// The system gives no thread.
    #[error("OCR_CHAT_FORMULA_MODEL: {0}")]
    Thread(std::io::Error),
}

/// A network and the thread that it runs on.
pub struct LocalFormulas {
    name: String,
    network: Arc<FormulaNetwork>,
    pool: CpuPool,
}

impl LocalFormulas {
    /// The network of the files `encoder.onnx`, `decoder.onnx` and `tokens.txt` in `folder`.
    ///
    /// # Errors
    /// [`FormulaModelError`] for a folder without them, and for files that do not belong together.
    pub fn load(folder: &Path) -> Result<Self, FormulaModelError> {
        let read = |file: &'static str| read(folder.join(file), file);
        let tokens =
            String::from_utf8(read("tokens.txt")?).map_err(|_| FormulaModelError::File {
                file: "tokens.txt",
                reason: "it is not UTF-8".to_owned(),
            })?;
        let network = FormulaNetwork::load(FormulaFiles {
            encoder: read("encoder.onnx")?,
            decoder: read("decoder.onnx")?,
            tokens,
        })?;
        let name = folder.file_name().map(|name| name.to_string_lossy());
        Ok(Self {
            name: name.map_or_else(|| "formula".to_owned(), |name| name.into_owned()),
            network: Arc::new(network),
            pool: CpuPool::new(1, MAX_WAITING).map_err(FormulaModelError::Thread)?,
        })
    }

    /// Writes the formulas of `page`, which `image` shows upright, one after another. For callers without a runtime.
    pub fn write_page(&self, image: &PageImage, page: &mut Page) {
        for idx in unwritten(page).collect::<Vec<_>>() {
            let block = &mut page.blocks[idx];
            if let Ok(Some(formula)) = self.network.write(image, block.bbox, &|| false) {
                let written = Written {
                    latex: formula.latex,
                    confidence: Some(formula.confidence),
                };
                take(block, &written);
            }
        }
        page.mean_confidence = page.compute_mean_confidence();
    }

    async fn write_one(&self, task: FormulaTask<'_>) -> Result<Written, ReadError> {
        let (width, height, rgb) = task.picture.part(task.bbox).ok_or(ReadError::Picture)?;
        let image = PageImage::from_rgb(width, height, rgb).ok_or(ReadError::Picture)?;
        let network = Arc::clone(&self.network);
        // Dropped with this future: the network stops at its next token.
        let caller = Arc::new(AtomicBool::new(true));
        let _gone = Gone(Arc::clone(&caller));
        let work = move || {
            let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
            let whole = BBox::new(0, 0, side(image.width_px()), side(image.height_px()));
            network.write(&image, whole, &|| !caller.load(Ordering::Acquire))
        };
        match self.pool.run(TIME_LIMIT, work).await {
            Ok(Ok(Some(formula))) => Ok(Written {
                latex: formula.latex,
                confidence: Some(formula.confidence),
            }),
            _ => Err(ReadError::Unusable),
        }
    }
}

impl FormulaModel for LocalFormulas {
    fn name(&self) -> &str {
        &self.name
    }

    fn write<'a>(&'a self, task: FormulaTask<'a>) -> Writing<'a> {
        Box::pin(async move {
            FormulaAttempt {
                usage: TokenUsage::default(),
                outcome: self.write_one(task).await,
            }
        })
    }
}

/// The positions of the formulas of `page` that nobody wrote yet.
pub(crate) fn unwritten(page: &Page) -> impl Iterator<Item = usize> {
    let blocks = page.blocks.iter().enumerate();
    blocks
        .filter(|(_, block)| block.kind == BlockKind::Formula && block.latex.is_none())
        .map(|(idx, _)| idx)
}

/// Says how many formulas of the page nobody wrote, where a model should have, or LaTeX was asked for.
pub(crate) fn warn_of_unwritten(page: &mut Page, tool: Option<&Tool>, has_model: bool) {
    let n = unwritten(page).count();
    let is_asked_for = tool.is_some_and(|tool| tool.needs == Some(Need::FormulaModel));
    if n == 0 || !(has_model || is_asked_for) {
        return;
    }
    let why = if has_model {
        "what the model wrote was no LaTeX of them"
    } else {
        "no model that writes formulas is configured here"
    };
    let message =
        format!("of the formulas, {n} are given as pictures and the signs that were read: {why}");
    page.warnings
        .push(Warning::new(WarningCode::FormulaNotWritten, message));
}

/// Says that nobody waits any more.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn read(path: PathBuf, file: &'static str) -> Result<Vec<u8>, FormulaModelError> {
    let failed = |reason: String| FormulaModelError::File { file, reason };
    let size = std::fs::metadata(&path).map_err(|error| failed(error.to_string()))?;
    if size.len() > MAX_FILE_BYTES {
        return Err(failed(format!(
            "it is larger than {} MB",
            MAX_FILE_BYTES >> 20
        )));
    }
    std::fs::read(path).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_chat_engine::{Limits, Source};
    use ocr_chat_vision::picture::Picture;

    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../training/formula/fixtures")
    }

    #[tokio::test]
    async fn a_folder_s_network_writes_and_says_how_sure_it_is() {
        let formulas = LocalFormulas::load(&fixtures()).unwrap();
        assert_eq!(formulas.name(), "fixtures");
        let png = std::fs::read(fixtures().join("formula-0.png")).unwrap();
        let source = Source::open(png, &Limits::server(), None).unwrap();
        let image = source.page(0).unwrap();
        let (width, height) = (image.width_px(), image.height_px());
        let picture = Picture::new(width, height, image.into_rgb()).unwrap();
        let side = |px: u32| i32::try_from(px).unwrap();
        let task = |bbox| FormulaTask {
            picture: &picture,
            bbox,
            max_tokens: None,
        };
        let whole = BBox::new(0, 0, side(width), side(height));
        let written = formulas.write(task(whole)).await.outcome.unwrap();
        assert!(!written.latex.is_empty() && written.confidence.is_some_and(|c| c > 0.0));
        let outside = BBox::new(-20, -20, -10, -10);
        let nothing = formulas.write(task(outside)).await.outcome;
        assert_eq!(nothing, Err(ReadError::Picture));
    }

    #[test]
    fn a_page_says_what_nobody_wrote_where_that_was_asked_for() {
        use ocr_chat_document::Block;
        let formula = Block::new(BlockKind::Formula, "x = 1", Vec::new());
        let mut page = Page {
            blocks: vec![formula.clone(), formula],
            ..Page::pending(0)
        };
        warn_of_unwritten(&mut page, crate::tools::find("pdf-to-text"), false);
        assert!(page.warnings.is_empty());
        page.blocks[0].set_latex("x = 1");
        warn_of_unwritten(&mut page, crate::tools::find("math-to-latex"), false);
        assert!(
            page.warnings[0]
                .message
                .contains(" 1 are given as pictures"),
            "{:?}",
            page.warnings
        );
        page.blocks[1].set_latex("x = 1");
        warn_of_unwritten(&mut page, None, true);
        assert_eq!(page.warnings.len(), 1);
    }

    #[test]
    fn a_folder_without_a_network_says_what_is_missing() {
        let error = LocalFormulas::load(Path::new(env!("CARGO_MANIFEST_DIR")))
            .err()
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with("OCR_CHAT_FORMULA_MODEL: tokens.txt: "),
            "{error}"
        );
    }
}
