//! Mistral's OCR API: a page in, Markdown and the boxes of pictures out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ocr_chat_document::BBox;
use serde_json::{Value, json};

use crate::client::transport::Transport;
use crate::client::{ModelError, ModelSettings, TokenUsage};
use crate::guard::loop_start;
use crate::model::{Attempt, ModelReading, PageTask, PlacedBlock, ReadError, Reading, VisionModel};
use crate::parse::mistral;

/// Longest side of the picture that is sent, in pixels: 200 dpi of an A4 page.
const LONGEST_SIDE_PX: u32 = 2_340;

/// Mistral's OCR API, or one that speaks it: `POST {base}/ocr`.
#[derive(Clone)]
pub struct MistralOcr {
    transport: Transport,
    model: String,
}

impl MistralOcr {
    /// The API at `settings.base_url`, for example `https://.../v1`.
    ///
    /// # Errors
    /// [`ModelError::Configuration`].
    pub fn new(settings: ModelSettings) -> Result<Self, ModelError> {
        Ok(Self {
            model: settings.model.clone(),
            transport: Transport::new(settings)?,
        })
    }

    async fn read_page(&self, task: PageTask<'_>) -> Result<ModelReading, ReadError> {
        let sent = task
            .picture
            .sent(None, LONGEST_SIDE_PX, 1)
            .ok_or(ReadError::Picture)?;
        let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(&sent.jpeg));
        let body = json!({
            "model": self.model,
            "document": {"type": "image_url", "image_url": url},
            "include_image_base64": false,
        });
        let bytes = self.transport.post("ocr", &body).await?.body().await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| ModelError::NotJson)?;
        let (parsed, size) = mistral::parse(&value).ok_or(ModelError::NotJson)?;
        let has_loop = parsed
            .blocks
            .iter()
            .any(|block| loop_start(&block.text).is_some());
        if has_loop {
            return Err(ReadError::Repetition);
        }
        // Its dimensions may be of another size than what was sent.
        let [width, height] = size
            .filter(|size| size.iter().all(|px| *px > 0.0))
            .unwrap_or([sent.width_px as f32, sent.height_px as f32]);
        let (scale_x, scale_y) = (
            task.picture.width_px() as f32 / width,
            task.picture.height_px() as f32 / height,
        );
        let blocks = parsed.blocks.into_iter().map(|block| PlacedBlock {
            bbox: block.bbox.map(|[x0, y0, x1, y1]| {
                BBox::new(
                    (x0 * scale_x).round() as i32,
                    (y0 * scale_y).round() as i32,
                    (x1 * scale_x).round() as i32,
                    (y1 * scale_y).round() as i32,
                )
            }),
            block,
        });
        Ok(ModelReading {
            blocks: blocks.collect(),
            is_damaged: parsed.is_damaged,
            language: parsed.language,
        })
    }
}

impl VisionModel for MistralOcr {
    fn name(&self) -> &str {
        &self.model
    }

    fn read<'a>(&'a self, task: PageTask<'a>) -> Reading<'a> {
        Box::pin(async move {
            let outcome = self.read_page(task).await;
            // Charged by the page, not by the token.
            let n_pages = u32::from(matches!(outcome, Ok(_) | Err(ReadError::Repetition)));
            Attempt {
                usage: TokenUsage::default(),
                n_pages,
                outcome,
            }
        })
    }
}
