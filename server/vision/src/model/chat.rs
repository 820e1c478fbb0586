//! Models behind OpenAI's chat completions, each as its profile says.

use ocr_chat_document::{BBox, BlockKind};
use serde_json::{Map, Value};

use crate::client::{
    ChatRequest, Completion, FinishReason, LanguageModel, Message, ModelError, Part, Role,
    TokenUsage,
};
use crate::formula::{FormulaAttempt, FormulaModel, FormulaTask, Writing, Written};
use crate::guard::loop_start;
use crate::model::{Attempt, ModelReading, PageTask, PlacedBlock, ReadError, Reading, VisionModel};
use crate::parse::{Parsed, ParsedBlock, parse};
use crate::picture::Sent;
use crate::profile::{Profile, Unit};

/// New characters of a stream after which it is looked at for a loop.
const LOOK_EVERY_CHARS: usize = 400;

/// Around a region, in pixels: models read worse at the very edge.
const MARGIN_PX: i32 = 6;

/// Most regions of a page that are sent; a page of more is read by the local engine.
const MAX_REGIONS: usize = 200;

/// A vision-language model with its profile.
#[derive(Debug, Clone)]
pub struct ChatVision {
    model: LanguageModel,
    profile: Profile,
}

impl ChatVision {
    /// `model` as `profile` says.
    pub fn new(model: LanguageModel, profile: Profile) -> Self {
        Self { model, profile }
    }

    async fn read_page(
        &self,
        task: PageTask<'_>,
        usage: &mut TokenUsage,
    ) -> Result<ModelReading, ReadError> {
        let profile = &self.profile;
        let sent = task
            .picture
            .sent(None, profile.longest_side_px, profile.side_multiple_px)
            .ok_or(ReadError::Picture)?;
        let answer = self
            .ask(&profile.prompts.page, &sent, task.max_tokens, usage)
            .await?;
        let parsed = parse(profile.format, &answer.text);
        if parsed.blocks.is_empty() && !answer.text.trim().is_empty() {
            return Err(ReadError::Unusable);
        }
        let is_cut = answer.finish == FinishReason::Length;
        Ok(self.placed(parsed, is_cut, &sent, task))
    }

    /// The blocks with their boxes in pixels of the page.
    fn placed(
        &self,
        parsed: Parsed,
        is_cut: bool,
        sent: &Sent,
        task: PageTask<'_>,
    ) -> ModelReading {
        let (width, height) = (task.picture.width_px(), task.picture.height_px());
        let coordinates = self.profile.coordinates;
        let place = |[x0, y0, x1, y1]: [f32; 4]| {
            let x = |value| (coordinates.part(value, sent.width_px) * width as f32).round() as i32;
            let y =
                |value| (coordinates.part(value, sent.height_px) * height as f32).round() as i32;
            let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
            let bbox = BBox::new(x(x0), y(y0), x(x1), y(y1)).clamped(side(width), side(height));
            (bbox.width() > 0 && bbox.height() > 0).then_some(bbox)
        };
        ModelReading {
            is_damaged: parsed.is_damaged || is_cut,
            language: parsed.language,
            blocks: parsed
                .blocks
                .into_iter()
                .map(|block| PlacedBlock {
                    bbox: block.bbox.and_then(place),
                    block,
                })
                .collect(),
        }
    }

    /// Reads block by block what the local engine found.
    async fn read_regions(
        &self,
        task: PageTask<'_>,
        usage: &mut TokenUsage,
    ) -> Result<ModelReading, ReadError> {
        let profile = &self.profile;
        if task.local.blocks.len() > MAX_REGIONS {
            return Err(ReadError::Unusable);
        }
        let mut reading = ModelReading::default();
        for local in &task.local.blocks {
            let kind = local.kind;
            let prompt = match kind {
                BlockKind::Figure => None,
                BlockKind::Table => profile.prompts.table.as_deref(),
                BlockKind::Formula => profile.prompts.formula.as_deref(),
                _ => profile.prompts.text.as_deref(),
            };
            let Some(prompt) = prompt else {
                reading.blocks.push(PlacedBlock {
                    block: ParsedBlock::new(kind, ""),
                    bbox: Some(local.bbox),
                });
                continue;
            };
            let Some(sent) = task.picture.sent(
                Some(with_margin(local.bbox)),
                profile.longest_side_px,
                profile.side_multiple_px,
            ) else {
                continue;
            };
            let left = task
                .max_tokens
                .map(|max| max.saturating_sub(usage.prompt + usage.completion));
            let answer = match self.ask(prompt, &sent, left, usage).await {
                Ok(answer) => answer,
                // One region's loop or refusal is not the page's.
                Err(ReadError::Repetition | ReadError::Model(ModelError::Refused)) => {
                    reading.is_damaged = true;
                    reading.blocks.push(as_read_locally(local));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let parsed = parse(profile.format, &answer.text);
            reading.is_damaged |= parsed.is_damaged || answer.finish == FinishReason::Length;
            reading
                .blocks
                .extend(region_blocks(parsed, local).map(|block| PlacedBlock {
                    block,
                    bbox: Some(local.bbox),
                }));
        }
        Ok(reading)
    }

    /// Asks for one formula.
    async fn write_formula(
        &self,
        prompt: &str,
        task: FormulaTask<'_>,
        usage: &mut TokenUsage,
    ) -> Result<Written, ReadError> {
        let profile = &self.profile;
        let sent = task
            .picture
            .sent(
                Some(with_margin(task.bbox)),
                profile.longest_side_px,
                profile.side_multiple_px,
            )
            .ok_or(ReadError::Picture)?;
        let answer = self.ask(prompt, &sent, task.max_tokens, usage).await?;
        if answer.finish == FinishReason::Length {
            return Err(ReadError::Unusable);
        }
        // Some wrap it in the form of a page.
        let parsed = parse(profile.format, &answer.text);
        let formula = parsed
            .blocks
            .iter()
            .find(|block| block.kind == BlockKind::Formula)
            .map(|block| block.text.clone());
        Ok(Written {
            latex: formula.unwrap_or(answer.text),
            confidence: None,
        })
    }

    /// Asks once, and once more with other settings when the model runs in a loop.
    async fn ask(
        &self,
        prompt: &str,
        sent: &Sent,
        left: Option<u64>,
        usage: &mut TokenUsage,
    ) -> Result<Completion, ReadError> {
        if left == Some(0) {
            return Err(ReadError::OverBudget);
        }
        let max_tokens = left.map_or(self.profile.max_tokens, |left| {
            u32::try_from(left)
                .unwrap_or(u32::MAX)
                .min(self.profile.max_tokens)
        });
        let mut extra = self.profile.extra.clone();
        for is_last in [false, true] {
            let request = self.request(prompt, sent, max_tokens, &extra);
            let answer = match self.listen(&request).await {
                Ok(answer) => answer,
                Err((used, error)) => {
                    *usage = usage.plus(used);
                    return Err(error.into());
                }
            };
            *usage = usage.plus(answer.usage);
            let has_loop = answer.finish == FinishReason::Cut || loop_start(&answer.text).is_some();
            if !has_loop {
                return Ok(answer);
            }
            if is_last {
                break;
            }
            extra.extend(self.profile.on_repetition.clone());
        }
        Err(ReadError::Repetition)
    }

    fn request(
        &self,
        prompt: &str,
        sent: &Sent,
        max_tokens: u32,
        extra: &Map<String, Value>,
    ) -> ChatRequest {
        ChatRequest {
            messages: vec![Message {
                role: Role::User,
                parts: vec![Part::jpeg(&sent.jpeg), Part::Text(prompt.to_owned())],
            }],
            temperature: self.profile.temperature,
            max_tokens: Some(max_tokens),
            stop: self.profile.stop.clone(),
            json_schema: None,
            extra: extra.clone(),
        }
    }

    /// The answer, cut where a loop begins; with an error, what was used none the less.
    async fn listen(&self, request: &ChatRequest) -> Result<Completion, (TokenUsage, ModelError)> {
        let nothing = |error| (TokenUsage::default(), error);
        if !self.profile.stream {
            return self.model.complete(request).await.map_err(nothing);
        }
        let mut stream = self.model.stream(request).await.map_err(nothing)?;
        let mut n_new = 0;
        loop {
            match stream.next().await {
                Ok(Some(piece)) => {
                    n_new += piece.chars().count();
                    if n_new >= LOOK_EVERY_CHARS {
                        n_new = 0;
                        if loop_start(stream.text()).is_some() {
                            return Ok(stream.cut());
                        }
                    }
                }
                Ok(None) => break,
                Err(error) => return Err((stream.cut().usage, error)),
            }
        }
        stream.finish().await.map_err(nothing)
    }
}

fn with_margin(bbox: BBox) -> BBox {
    BBox {
        x0: bbox.x0 - MARGIN_PX,
        y0: bbox.y0 - MARGIN_PX,
        x1: bbox.x1 + MARGIN_PX,
        y1: bbox.y1 + MARGIN_PX,
    }
}

/// A region's answer as blocks of the kind that the region has.
fn region_blocks(
    parsed: Parsed,
    local: &ocr_chat_document::Block,
) -> impl Iterator<Item = ParsedBlock> {
    let (kind, level, marker) = (local.kind, local.level, local.marker.clone());
    parsed.blocks.into_iter().map(move |block| {
        if block.table.is_some() || block.kind == BlockKind::Formula || kind == BlockKind::Table {
            return block;
        }
        // The model may leave the marker out, or read it.
        let text = match &marker {
            Some(marker) if !block.text.starts_with(marker.as_str()) => {
                format!("{marker} {}", block.text)
            }
            _ => block.text,
        };
        ParsedBlock {
            level,
            marker: marker
                .clone()
                .filter(|marker| text.starts_with(marker.as_str())),
            ..ParsedBlock::new(kind, text)
        }
    })
}

fn as_read_locally(local: &ocr_chat_document::Block) -> PlacedBlock {
    PlacedBlock {
        block: ParsedBlock {
            level: local.level,
            marker: local.marker.clone(),
            table: local.table.clone(),
            ..ParsedBlock::new(local.kind, local.text.clone())
        },
        bbox: Some(local.bbox),
    }
}

impl VisionModel for ChatVision {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn formulas(&self) -> Option<&dyn FormulaModel> {
        self.profile.prompts.formula.as_ref()?;
        Some(self)
    }

    fn read<'a>(&'a self, task: PageTask<'a>) -> Reading<'a> {
        Box::pin(async move {
            let mut usage = TokenUsage::default();
            let outcome = match self.profile.unit {
                Unit::Page => self.read_page(task, &mut usage).await,
                Unit::Regions => self.read_regions(task, &mut usage).await,
            };
            Attempt {
                usage,
                n_pages: 0,
                outcome,
            }
        })
    }
}

impl FormulaModel for ChatVision {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn write<'a>(&'a self, task: FormulaTask<'a>) -> Writing<'a> {
        Box::pin(async move {
            let mut usage = TokenUsage::default();
            let outcome = match self.profile.prompts.formula.as_deref() {
                Some(prompt) => self.write_formula(prompt, task, &mut usage).await,
                None => Err(ReadError::Unusable),
            };
            FormulaAttempt { usage, outcome }
        })
    }
}
