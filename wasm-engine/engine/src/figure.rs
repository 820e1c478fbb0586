//! Pictures on a page of text: drawings, charts, photographs. Found by their ink, which is no line's and no table's.
//!
//! What is inside a figure is kept in its block: labels of a drawing are no sentences, and in the running text they would stand between them.

use ocr_chat_document::{BBox, Block, BlockKind, Line};

use crate::raster::PageImage;

/// Cells of the map of ink, a line height.
const CELLS_A_HEIGHT: f32 = 3.0;

/// A pixel is ink when it differs from the page's ground by this many grey values, a cell when this share of its pixels is.
const INK_CONTRAST: u8 = 32;
const INK_SHARE: f32 = 0.1;

/// More ink than this outside of lines and tables: a photograph of a page, or a poster. There is no telling what is ground then.
const MAX_INK_OF_PAGE: f32 = 0.5;

/// Cells with ink at most this far apart belong together, in cells: a line height.
const REACH_CELLS: usize = 3;

/// Fewer cells are specks; parts at most this thick, in cells, are rules.
const MIN_PART_CELLS: usize = 4;
const RULE_CELLS: usize = 2;

/// Parts of one figure stand at most this far apart, in line heights: labels stand between them.
const MAX_GAP_HEIGHTS: f32 = 3.0;

/// Labels beside a figure stand at most so far away, and are at most so long, in line heights.
const MAX_LABEL_GAP_HEIGHTS: f32 = 1.0;
const MAX_LABEL_HEIGHTS: f32 = 10.0;

/// Least width and height of a figure, in line heights: less is a bullet, a logo, a stamp among words.
const MIN_WIDTH_HEIGHTS: f32 = 6.0;
const MIN_HEIGHT_HEIGHTS: f32 = 3.5;

/// Least share of a figure's cells with ink, without those of its edge, so that empty frames are none; most of the page that it covers.
const MIN_INK_OF_FIGURE: f32 = 0.05;
const MAX_OF_PAGE: f32 = 0.6;

/// Lines at least this long, in their own heights, are running text, not labels.
const TEXT_LINE_HEIGHTS: f32 = 14.0;

/// Most of the page's characters that may be labels: on a poster, a map or a slide the labels are the text.
const MAX_LABEL_CHARS: f32 = 0.25;

/// Least share of the characters of a page with labelled figures that stands in running text. A receipt has a logo, and what is in it is content.
const MIN_RUNNING: f32 = 0.5;

/// Most of a figure that labels may cover. More is a box of text, or a logo.
const MAX_LABELLED: f32 = 0.35;

/// Fewest lines of a page that say how high a line is.
const MIN_LINES: usize = 3;

/// A figure and the lines that are its labels, by their places in the page's lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundFigure {
    pub(crate) block: Block,
    pub(crate) lines: Vec<usize>,
}

/// The figures of the page `image`, none of which overlaps another or one of `tables`. `lines` are those of the page, upright.
pub(crate) fn figures(lines: &[Line], tables: &[BBox], image: &PageImage) -> Vec<FoundFigure> {
    let Some(height_px) = median_height(lines) else {
        return Vec::new();
    };
    let Some(map) = InkMap::of(image, height_px, lines, tables) else {
        return Vec::new();
    };
    let is_long = |line: &&Line| {
        line.bbox.width() as f32 >= TEXT_LINE_HEIGHTS * line.bbox.height().max(1) as f32
    };
    let long: Vec<BBox> = lines.iter().filter(is_long).map(|line| line.bbox).collect();
    let n_chars: usize = lines.iter().map(|line| line.text.len()).sum();
    let n_running: usize = lines
        .iter()
        .filter(is_long)
        .map(|line| line.text.len())
        .sum();
    let has_prose = n_running as f32 >= MIN_RUNNING * n_chars as f32;
    let gap_px = (MAX_GAP_HEIGHTS * height_px) as i32;
    let label_gap_px = (MAX_LABEL_GAP_HEIGHTS * height_px) as i32;
    let mut is_taken = vec![false; lines.len()];
    merged(map.parts(), gap_px, &long)
        .into_iter()
        .filter(|&bbox| map.is_figure(bbox, height_px) && !tables.iter().any(|t| t.overlaps(bbox)))
        .filter_map(|bbox| {
            let around = grown(bbox, label_gap_px);
            let is_label = |line: &Line| {
                let middle = i32::midpoint(line.bbox.y0, line.bbox.y1);
                line.bbox.width() as f32 <= MAX_LABEL_HEIGHTS * height_px
                    && around.overlaps(line.bbox)
                    && (around.y0..around.y1).contains(&middle)
                    && !crate::layout::is_caption(&line.text)
            };
            let inside: Vec<usize> = (0..lines.len())
                .filter(|&idx| !is_taken[idx])
                .filter(|&idx| bbox.holds_middle_of(lines[idx].bbox) || is_label(&lines[idx]))
                .collect();
            // What goes on outside is no label but a part of a row of text that the figure touches.
            let goes_on = |idx: usize| {
                let own = grown(lines[idx].bbox, 2 * label_gap_px);
                let height = lines[idx].bbox.height();
                (0..lines.len()).any(|other| {
                    let other_bbox = lines[other].bbox;
                    !inside.contains(&other)
                        && own.overlap_x(other_bbox) > 0
                        && 2 * lines[idx].bbox.overlap_y(other_bbox)
                            > height.min(other_bbox.height())
                })
            };
            let inside: Vec<usize> = inside
                .iter()
                .copied()
                .filter(|&idx| !goes_on(idx))
                .collect();
            let labels: Vec<Line> = inside.iter().map(|&idx| lines[idx].clone()).collect();
            let area = |bbox: BBox| bbox.width() as f32 * bbox.height() as f32;
            let covered: f32 = labels.iter().map(|line| area(line.bbox)).sum();
            let n_label_chars: usize = labels.iter().map(|line| line.text.len()).sum();
            let is_text = (!has_prose && !labels.is_empty())
                || labels.iter().any(|line| long.contains(&line.bbox))
                || covered > MAX_LABELLED * area(bbox)
                || n_label_chars as f32 > MAX_LABEL_CHARS * n_chars as f32;
            if is_text {
                return None;
            }
            for &idx in &inside {
                is_taken[idx] = true;
            }
            let bbox = BBox::union_of(labels.iter().map(|line| line.bbox))
                .map_or(bbox, |labels| labels.union(bbox));
            Some(FoundFigure {
                block: Block {
                    bbox,
                    ..Block::new(BlockKind::Figure, String::new(), labels)
                },
                lines: inside,
            })
        })
        .collect()
}

/// Median height of the lines in pixels; `None` for too few.
fn median_height(lines: &[Line]) -> Option<f32> {
    let median = crate::sort::median(lines.iter().map(|line| line.bbox.height() as f32))?;
    (lines.len() >= MIN_LINES && median > 3.0).then_some(median)
}

fn grown(bbox: BBox, by_px: i32) -> BBox {
    BBox::new(
        bbox.x0 - by_px,
        bbox.y0 - by_px,
        bbox.x1 + by_px,
        bbox.y1 + by_px,
    )
}

/// The boxes, those that stand at most `gap_px` apart joined unless running text stands in between.
fn merged(mut boxes: Vec<BBox>, gap_px: i32, running_text: &[BBox]) -> Vec<BBox> {
    let mut first = 0;
    while first < boxes.len() {
        let near = (first + 1..boxes.len()).find(|&other| {
            let both = boxes[first].union(boxes[other]);
            grown(boxes[first], gap_px).overlaps(boxes[other])
                && !running_text.iter().any(|&text| both.holds_middle_of(text))
        });
        match near {
            Some(other) => {
                let part = boxes.swap_remove(other);
                boxes[first] = boxes[first].union(part);
                // What was too far away before may be near now.
                first = 0;
            }
            None => first += 1,
        }
    }
    boxes
}

/// Which cells of the page hold ink that is no line's and no table's.
struct InkMap {
    cell_px: usize,
    n_columns: usize,
    n_rows: usize,
    is_ink: Vec<bool>,
}

impl InkMap {
    /// The map of `image`; `None` where too much of it is ink.
    fn of(image: &PageImage, height_px: f32, lines: &[Line], tables: &[BBox]) -> Option<Self> {
        let cell_px = ((height_px / CELLS_A_HEIGHT) as usize).max(2);
        let width = image.width_px() as usize;
        let (n_columns, n_rows) = (width / cell_px, image.height_px() as usize / cell_px);
        // Green stands for grey; every second row will do.
        let green = |x: usize, y: usize| image.rgb()[3 * (y * width + x) + 1];
        let mut histogram = [0_u32; 32];
        for y in (0..n_rows * cell_px).step_by(2) {
            for x in (0..n_columns * cell_px).step_by(2) {
                histogram[usize::from(green(x, y) / 8)] += 1;
            }
        }
        let most = (0..32_u8).max_by_key(|&bin| histogram[usize::from(bin)])?;
        let ground = most * 8 + 4;
        let mut map = Self {
            cell_px,
            n_columns,
            n_rows,
            is_ink: vec![false; n_columns * n_rows],
        };
        let least = (INK_SHARE * (cell_px * cell_px.div_ceil(2)) as f32) as usize + 1;
        for row in 0..n_rows {
            for column in 0..n_columns {
                let (left, top) = (column * cell_px, row * cell_px);
                let n_ink = (top..top + cell_px)
                    .step_by(2)
                    .flat_map(|y| (left..left + cell_px).map(move |x| (x, y)))
                    .filter(|&(x, y)| green(x, y).abs_diff(ground) > INK_CONTRAST)
                    .count();
                map.is_ink[row * n_columns + column] = n_ink >= least;
            }
        }
        let margin = cell_px as i32;
        for bbox in lines
            .iter()
            .map(|line| line.bbox)
            .chain(tables.iter().copied())
        {
            map.clear(grown(bbox, margin));
        }
        let n_ink = map.is_ink.iter().filter(|is_ink| **is_ink).count();
        (n_ink as f32 <= MAX_INK_OF_PAGE * map.is_ink.len() as f32).then_some(map)
    }

    /// Columns and rows of the cells that `bbox` covers, ends left out.
    fn cells(&self, bbox: BBox) -> [usize; 4] {
        let cell = |px: i32, n: usize| (px.max(0) as usize / self.cell_px).min(n);
        [
            cell(bbox.x0, self.n_columns),
            cell(bbox.x1 - 1, self.n_columns) + 1,
            cell(bbox.y0, self.n_rows),
            cell(bbox.y1 - 1, self.n_rows) + 1,
        ]
    }

    fn clear(&mut self, bbox: BBox) {
        let [x0, x1, y0, y1] = self.cells(bbox);
        for row in y0..y1.min(self.n_rows) {
            self.is_ink[row * self.n_columns + x0..row * self.n_columns + x1.min(self.n_columns)]
                .fill(false);
        }
    }

    /// Boxes of the connected parts in pixels; specks and rules left out, and what touches the edge of the page, where scans have their shadows.
    fn parts(&self) -> Vec<BBox> {
        let mut open = self.is_ink.clone();
        let mut parts = Vec::new();
        let mut stack = Vec::new();
        for start in 0..open.len() {
            if !open[start] {
                continue;
            }
            open[start] = false;
            stack.push(start);
            let (mut x0, mut x1, mut y0, mut y1) = (usize::MAX, 0, usize::MAX, 0);
            let mut n_cells = 0;
            while let Some(at) = stack.pop() {
                let (column, row) = (at % self.n_columns, at / self.n_columns);
                n_cells += 1;
                (x0, x1) = (x0.min(column), x1.max(column));
                (y0, y1) = (y0.min(row), y1.max(row));
                let columns = column.saturating_sub(REACH_CELLS)
                    ..(column + REACH_CELLS + 1).min(self.n_columns);
                let rows =
                    row.saturating_sub(REACH_CELLS)..(row + REACH_CELLS + 1).min(self.n_rows);
                for row in rows {
                    for column in columns.clone() {
                        let near = row * self.n_columns + column;
                        if open[near] {
                            open[near] = false;
                            stack.push(near);
                        }
                    }
                }
            }
            let thickness = (x1 - x0).min(y1 - y0) + 1;
            let is_at_edge =
                x0 == 0 || y0 == 0 || x1 + 1 == self.n_columns || y1 + 1 == self.n_rows;
            if n_cells >= MIN_PART_CELLS && thickness > RULE_CELLS && !is_at_edge {
                let px = |cell: usize| i32::try_from(cell * self.cell_px).unwrap_or(i32::MAX);
                parts.push(BBox::new(px(x0), px(y0), px(x1 + 1), px(y1 + 1)));
            }
        }
        parts
    }

    /// Whether `bbox` has the size and the ink of a picture.
    fn is_figure(&self, bbox: BBox, height_px: f32) -> bool {
        let [x0, x1, y0, y1] = self.cells(bbox);
        let is_small = (bbox.width() as f32) < MIN_WIDTH_HEIGHTS * height_px
            || (bbox.height() as f32) < MIN_HEIGHT_HEIGHTS * height_px;
        let n_cells = (x1 - x0) * (y1 - y0);
        if is_small || n_cells as f32 > MAX_OF_PAGE * self.is_ink.len() as f32 {
            return false;
        }
        let edge = RULE_CELLS;
        let n_ink = (y0 + edge..y1 - edge)
            .flat_map(|row| (x0 + edge..x1 - edge).map(move |column| (row, column)))
            .filter(|(row, column)| self.is_ink[row * self.n_columns + column])
            .count();
        n_ink as f32 >= MIN_INK_OF_FIGURE * n_cells as f32
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const WIDTH: usize = 800;

    /// A white page of 800 x 1000 with grey bars where the lines are.
    fn page(lines: &[Line]) -> Vec<u8> {
        let mut rgb = vec![255; 3 * WIDTH * 1000];
        for line in lines {
            fill(&mut rgb, line.bbox, 90);
        }
        rgb
    }

    fn fill(rgb: &mut [u8], bbox: BBox, grey: u8) {
        for y in bbox.y0 as usize..bbox.y1 as usize {
            rgb[3 * (y * WIDTH + bbox.x0 as usize)..3 * (y * WIDTH + bbox.x1 as usize)].fill(grey);
        }
    }

    fn line(text: &str, bbox: BBox) -> Line {
        Line {
            text: text.to_owned(),
            bbox,
            polygon: [ocr_chat_document::Point { x: 0, y: 0 }; 4],
            confidence: Some(1.0),
            words: Vec::new(),
        }
    }

    fn prose() -> Vec<Line> {
        (0..20)
            .map(|row| {
                let y = 500 + 22 * row;
                line(&"a word ".repeat(9), BBox::new(100, y, 700, y + 16))
            })
            .collect()
    }

    fn found(rgb: Vec<u8>, lines: &[Line]) -> Vec<FoundFigure> {
        let image = PageImage::from_rgb(WIDTH as u32, 1000, rgb).unwrap();
        figures(lines, &[], &image)
    }

    #[test]
    fn a_drawing_takes_its_labels_along() {
        let mut lines = prose();
        lines.push(line("p24", BBox::new(150, 205, 190, 221)));
        lines.push(line("cassette", BBox::new(400, 300, 480, 316)));
        let mut rgb = page(&lines);
        for bar in 0..4 {
            let y = 150 + 50 * bar;
            fill(&mut rgb, BBox::new(200, y, 380, y + 30), 0);
            fill(&mut rgb, BBox::new(390, y, 560, y + 12), 60);
        }
        let figures = found(rgb, &lines);
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].lines, [20, 21]);
        let bbox = figures[0].block.bbox;
        assert!(
            bbox.x0 <= 150 && bbox.x1 >= 550 && bbox.y1 < 500,
            "{bbox:?}"
        );
    }

    #[test]
    fn a_label_between_two_figures_is_one_figure_s() {
        let mut lines = prose();
        lines.push(line("both", BBox::new(286, 205, 324, 221)));
        let mut rgb = page(&lines);
        for bar in 0..4 {
            let y = 150 + 50 * bar;
            fill(&mut rgb, BBox::new(100, y, 280, y + 30), 0);
            fill(&mut rgb, BBox::new(332, y, 520, y + 30), 0);
        }
        let figures = found(rgb, &lines);
        assert_eq!(figures.len(), 2, "{figures:?}");
        let labels: Vec<&[usize]> = figures.iter().map(|figure| &figure.lines[..]).collect();
        assert_eq!(labels, [&[20][..], &[][..]]);
    }

    #[test]
    fn rules_frames_shadows_and_boxes_of_text_are_no_figures() {
        let lines = prose();
        let mut rgb = page(&lines);
        fill(&mut rgb, BBox::new(100, 100, 700, 102), 0);
        fill(&mut rgb, BBox::new(0, 0, 30, 1000), 40);
        for bbox in [
            BBox::new(150, 150, 400, 152),
            BBox::new(150, 300, 400, 302),
            BBox::new(150, 150, 152, 300),
            BBox::new(398, 150, 400, 302),
        ] {
            fill(&mut rgb, bbox, 0);
        }
        assert_eq!(found(rgb, &lines), []);

        let mut rgb = page(&lines);
        fill(&mut rgb, BBox::new(80, 480, 720, 950), 200);
        assert_eq!(found(rgb, &lines), []);
    }
}
