//! Tables: where they stand, their grid, and the words in their cells.

mod region;

mod rules;

mod structure;

mod grid;

mod shelf;

use ocr_chat_document::{BBox, Block, BlockKind, Line, Table};
use rten::RunOptions;

use crate::error::PageError;
use crate::raster::PageImage;
use region::Region;
pub use shelf::TABLE_STRUCTURE;
pub(crate) use shelf::TableShelf;
pub(crate) use structure::StructureModel;

/// Tokens of a table beyond which the network loses the thread: its longest answers have 500.
const MAX_TOKENS: usize = 450;

/// How far the picture that the network sees reaches beyond the text, in line heights.
const MARGIN_HEIGHTS: f32 = 0.5;

/// A table and the lines that are in it, by their places in the page's lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundTable {
    pub(crate) block: Block,
    pub(crate) lines: Vec<usize>,
}

/// The places of a page where tables may stand; empty on most pages.
pub(crate) struct Candidates {
    regions: Vec<Region>,
    rules: Vec<BBox>,
}

impl Candidates {
    /// Looks for rows of cells among `lines`, which stand upright on `image`.
    pub(crate) fn of(lines: &[Line], image: &PageImage) -> Self {
        let (regions, rules) = region::regions(lines, image);
        let rules = rules
            .iter()
            .map(|rule| BBox::new(rule.x0, rule.y0, rule.x1, rule.y1));
        Self {
            regions,
            rules: rules.collect(),
        }
    }

    /// The rules that run across the page, those of tables included.
    pub(crate) fn rules(&self) -> &[BBox] {
        &self.rules
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// The tables, read with `model` where it is at hand and can read them, otherwise by the corridors between their columns.
    ///
    /// # Errors
    /// [`PageError::Inference`].
    pub(crate) fn read(
        &self,
        lines: &[Line],
        image: &PageImage,
        model: Option<&StructureModel>,
        run: &RunOptions,
    ) -> Result<Vec<FoundTable>, PageError> {
        self.regions
            .iter()
            .map(|region| {
                let members = members(region, lines);
                let inside: Vec<&Line> = members.iter().map(|&idx| &lines[idx]).collect();
                let is_rtl = crate::layout::is_rtl(inside.iter().map(|line| line.text.as_str()));
                let table = match model.filter(|_| n_tokens(region) <= MAX_TOKENS) {
                    Some(model) => {
                        let structure = model
                            .structure(image, picture(region, image), run.clone())
                            .map_err(|reason| PageError::Inference {
                                stage: "table structure",
                                reason,
                            })?;
                        grid::from_structure(&structure, &inside, region, is_rtl).or_else(|| {
                            // Figures in clear columns are a table, whatever the network makes of them.
                            grid::has_figures(region, lines)
                                .then(|| grid::from_corridors(region, lines, is_rtl))
                        })
                    }
                    None => Some(grid::from_corridors(region, lines, is_rtl)),
                };
                Ok(table.map(|table| FoundTable {
                    block: block(table, inside),
                    lines: members,
                }))
            })
            .filter_map(Result::transpose)
            .collect()
    }
}

fn block(table: Table, lines: Vec<&Line>) -> Block {
    let lines: Vec<Line> = lines.into_iter().cloned().collect();
    let text = table.text();
    Block {
        table: Some(table),
        ..Block::new(BlockKind::Table, text, lines)
    }
}

/// The lines whose middle stands inside the region.
fn members(region: &Region, lines: &[Line]) -> Vec<usize> {
    (0..lines.len())
        .filter(|&idx| region.bbox.holds_middle_of(lines[idx].bbox))
        .collect()
}

/// About as many tokens as the network would write: one a cell, two a row, a few for spans.
fn n_tokens(region: &Region) -> usize {
    region.rows.len() * (region.columns.len() + 2) + 10
}

/// The part of the page that the network sees: left, top, right, bottom.
fn picture(region: &Region, image: &PageImage) -> [f32; 4] {
    let margin = MARGIN_HEIGHTS * region.height_px;
    let bbox = region.bbox;
    [
        (bbox.x0 as f32 - margin).max(0.0),
        (bbox.y0 as f32 - margin).max(0.0),
        (bbox.x1 as f32 + margin).min(image.width_px() as f32),
        (bbox.y1 as f32 + margin).min(image.height_px() as f32),
    ]
}
