//! From a loose crop of a line to the network's input: trimmed to its ink, padded, scaled, its contrast normalised.

use crate::resample::{self, Region};

/// Blank above and below the ink, as a share of the ink's height. Character error over 31 languages when it was chosen: 3.8 % without,
/// 1.1 at 5 %, .9 at 10 %, .77 at 20 %, .79 at 30 %.
const PAD_VERTICAL: f32 = 0.20;
/// Blank at both ends, as a share of the ink's height. Up to 20 % makes no difference, 50 % costs 2 points.
const PAD_HORIZONTAL: f32 = 0.10;
/// Least difference in grey between ink and ground: below it a crop is taken for blank.
const LEAST_CONTRAST: f32 = 12.0;
/// Ink at the upper or lower edge of the crop that reaches no deeper than this share of its height is a neighbour's.
const NEIGHBOUR_DEPTH: f32 = 0.34;
/// A line of low characters only ("-", "...") is not blown up to more than this share of the crop's height.
const LEAST_INK_HEIGHT: f32 = 1.0 / 3.0;
/// Longest input, in network heights. What is longer is squeezed: it bounds memory and time for hostile crops.
const MOST_ASPECT: usize = 200;

/// A grey image of one line: 8 bit, 0 = black, row-major; dark text on light ground, along the width.
#[derive(Debug, Clone, Copy)]
pub struct GrayLine<'a> {
    /// `width` x `height` values.
    pub pixels: &'a [u8],
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

/// What the network reads: int8 values with a border of zeros, column by column.
#[derive(Debug)]
pub(crate) struct NetworkImage {
    values: Vec<i8>,
    width: usize,
    /// Values of a column: the height, one zero above and two below.
    stride: usize,
    /// Where the image lies in the crop it was cut from, in pixels.
    pub(crate) region: Region,
}

impl NetworkImage {
    /// Columns of the image.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Six rows of column `x - 1`, beginning with row `y - 1`; zeros beyond the image.
    pub(crate) fn window(&self, x: usize, y: usize) -> &[i8] {
        &self.values[x * self.stride + y..][..6]
    }
}

/// Prepares a line for a network of `network_height` pixels; `None` where there is no ink.
pub(crate) fn prepare(line: GrayLine<'_>, network_height: usize) -> Option<NetworkImage> {
    let GrayLine { width, height, .. } = line;
    if width == 0 || height == 0 || line.pixels.len() != width.checked_mul(height)? {
        return None;
    }
    let levels = levels(line.pixels)?;
    let mut ink: Vec<bool> = line
        .pixels
        .iter()
        .map(|pixel| *pixel <= levels.threshold)
        .collect();
    let cleaned = without_neighbours(line, &mut ink, levels.ground);
    let pixels = cleaned.as_deref().unwrap_or(line.pixels);
    let region = padded(ink_box(&ink, width, height)?, height);
    let scale = network_height as f32 / region.height;
    let most_width = MOST_ASPECT * network_height;
    let out_width = ((region.width * scale).round() as usize).clamp(3, most_width.max(3));
    let scaled = resample::scale(
        pixels,
        width,
        height,
        region,
        out_width,
        network_height,
        levels.ground,
    );
    Some(normalised(
        &scaled,
        out_width,
        network_height,
        region,
        &levels,
    ))
}

struct Levels {
    /// The darkest grey that is ground, less one.
    threshold: u8,
    /// Mean of the ground.
    ground: u8,
}

/// Ink and ground by Otsu's threshold (1979).
fn levels(pixels: &[u8]) -> Option<Levels> {
    let mut counts = [0u32; 256];
    pixels
        .iter()
        .for_each(|pixel| counts[usize::from(*pixel)] += 1);
    let total = pixels.len() as f64;
    let weighted = |range: std::ops::Range<usize>| {
        range
            .map(|grey| grey as f64 * f64::from(counts[grey]))
            .sum::<f64>()
    };
    let all = weighted(0..256);
    let (mut n_dark, mut dark, mut best) = (0.0, 0.0, (0.0, 0));
    for (grey, count) in counts.iter().enumerate() {
        n_dark += f64::from(*count);
        dark += grey as f64 * f64::from(*count);
        let n_light = total - n_dark;
        if n_dark > 0.0 && n_light > 0.0 {
            let between = n_dark * n_light * ((all - dark) / n_light - dark / n_dark).powi(2);
            if between > best.0 {
                best = (between, grey);
            }
        }
    }
    let split = best.1 + 1;
    let n_dark: f64 = counts[..split].iter().map(|count| f64::from(*count)).sum();
    if best.0 == 0.0 || n_dark == 0.0 {
        return None;
    }
    let ground = weighted(split..256) / (total - n_dark);
    let ink = weighted(0..split) / n_dark;
    if ground - ink < f64::from(LEAST_CONTRAST) {
        return None;
    }
    Some(Levels {
        threshold: best.1 as u8,
        ground: ground.round() as u8,
    })
}

/// Takes away what descends or ascends into the crop from the lines above and below: ink that touches the upper or lower edge
/// and stays near it. Ink that touches the edge and reaches deep is a letter of this line, cut by a tight crop or grown together
/// with a neighbour's. Where more of the edge is touched by such letters the crop is tight and is left as it is; where less, they
/// stay in the picture but no longer say how high the line is. Gives the cleaned pixels where something was taken away.
fn without_neighbours(line: GrayLine<'_>, ink: &mut [bool], ground: u8) -> Option<Vec<u8>> {
    let GrayLine { width, height, .. } = line;
    let depth = (height as f32 * NEIGHBOUR_DEPTH) as usize;
    if depth < 2 {
        return None;
    }
    let mut cleaned: Option<Vec<u8>> = None;
    for edge in [0, height - 1] {
        let mut seen = vec![false; ink.len()];
        let (mut foreign, mut deep) = (Vec::new(), Vec::new());
        for x in 0..width {
            let start = edge * width + x;
            if ink[start] && !seen[start] {
                let component = flood(ink, width, height, start, &mut seen);
                let reaches = component
                    .iter()
                    .map(|at| (at / width).abs_diff(edge))
                    .max()
                    .unwrap_or(0);
                if reaches < depth {
                    foreign.extend(component);
                } else {
                    deep.extend(component);
                }
            }
        }
        let contact = |pixels: &[usize]| pixels.iter().filter(|at| *at / width == edge).count();
        if contact(&foreign) <= contact(&deep) {
            continue;
        }
        foreign.iter().for_each(|at| ink[*at] = false);
        let pixels = cleaned.get_or_insert_with(|| line.pixels.to_vec());
        for at in foreign {
            // The blurred rim of the ink goes too.
            let (x, y) = (at % width, at / width);
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for x in x.saturating_sub(1)..(x + 2).min(width) {
                    if !ink[y * width + x] {
                        pixels[y * width + x] = ground;
                    }
                }
            }
        }
        deep.iter().for_each(|at| ink[*at] = false);
        let least = (LEAST_INK_HEIGHT * height as f32).max(depth as f32);
        if ink_box(ink, width, height).is_none_or(|rest| rest.height < least) {
            deep.iter().for_each(|at| ink[*at] = true);
        }
    }
    cleaned
}

/// The pixels of ink that hang together with `start`, diagonals included.
fn flood(ink: &[bool], width: usize, height: usize, start: usize, seen: &mut [bool]) -> Vec<usize> {
    let mut found = vec![start];
    seen[start] = true;
    let mut next = 0;
    while let Some(&at) = found.get(next) {
        next += 1;
        let (x, y) = (at % width, at / width);
        for y in y.saturating_sub(1)..(y + 2).min(height) {
            for x in x.saturating_sub(1)..(x + 2).min(width) {
                let neighbour = y * width + x;
                if ink[neighbour] && !seen[neighbour] {
                    seen[neighbour] = true;
                    found.push(neighbour);
                }
            }
        }
    }
    found
}

/// The rectangle of the ink. A row or column of a single dark pixel is noise.
fn ink_box(ink: &[bool], width: usize, height: usize) -> Option<Region> {
    let mut columns = vec![0u32; width];
    let mut rows = vec![0u32; height];
    for (row, count) in ink.chunks_exact(width).zip(&mut rows) {
        for (is_ink, column) in row.iter().zip(&mut columns) {
            *column += u32::from(*is_ink);
            *count += u32::from(*is_ink);
        }
    }
    let extent = |counts: &[u32]| {
        let first = counts.iter().position(|count| *count > 1)?;
        let last = counts.iter().rposition(|count| *count > 1)?;
        Some((first as f32, (last + 1 - first) as f32))
    };
    let (left, width) = extent(&columns)?;
    let (top, height) = extent(&rows)?;
    Some(Region {
        left,
        top,
        width,
        height,
    })
}

fn padded(ink: Region, crop_height: usize) -> Region {
    let height = ink.height.max(LEAST_INK_HEIGHT * crop_height as f32);
    let vertical = (height - ink.height) / 2.0 + PAD_VERTICAL * height;
    let horizontal = PAD_HORIZONTAL * height;
    Region {
        left: ink.left - horizontal,
        top: ink.top - vertical,
        width: ink.width + 2.0 * horizontal,
        height: ink.height + 2.0 * vertical,
    }
}

/// Stretches the contrast as Tesseract does (`NetworkIO::ComputeBlackWhite`): black and white are quartiles of the local
/// extremes along the middle row. Unlike there, minima near the ground do not count: the noise of a photograph has more of them
/// than a line of few strokes, and would turn to black.
fn normalised(
    scaled: &[u8],
    width: usize,
    height: usize,
    region: Region,
    levels: &Levels,
) -> NetworkImage {
    let middle: Vec<u8> = scaled
        .iter()
        .skip(height / 2)
        .step_by(height)
        .copied()
        .collect();
    let noise = levels.threshold.midpoint(levels.ground);
    let (mut least, mut most) = ([0u32; 256], [0u32; 256]);
    for around in middle.windows(3) {
        let (before, here, behind) = (around[0], around[1], around[2]);
        if here <= noise && ((here < before && here <= behind) || (here <= before && here < behind))
        {
            least[usize::from(here)] += 1;
        }
        if (here > before && here >= behind) || (here >= before && here > behind) {
            most[usize::from(here)] += 1;
        }
    }
    let black = quantile(&least, 0.25).unwrap_or(0.0);
    let white = quantile(&most, 0.75).unwrap_or(255.0);
    let contrast = ((white - black) / 2.0).max(1.0);
    let mut table = [0i8; 256];
    for (grey, value) in table.iter_mut().enumerate() {
        let stretched = 128.0 * ((grey as f32 - black) / contrast - 1.0);
        *value = stretched.round().clamp(-127.0, 127.0) as i8;
    }
    let stride = height + 3;
    let mut values = vec![0i8; (width + 2) * stride];
    for (column, out) in scaled
        .chunks_exact(height)
        .zip(values.chunks_exact_mut(stride).skip(1))
    {
        column
            .iter()
            .zip(&mut out[1..])
            .for_each(|(grey, value)| *value = table[usize::from(*grey)]);
    }
    NetworkImage {
        values,
        width,
        stride,
        region,
    }
}

/// The grey below which a share of the counted values lies, interpolated (Tesseract, `STATS::ile`).
fn quantile(counts: &[u32; 256], share: f32) -> Option<f32> {
    let total: u32 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    let target = (share * total as f32).clamp(1.0, total as f32);
    let mut sum = 0.0;
    for (grey, count) in counts.iter().enumerate() {
        sum += *count as f32;
        if sum >= target {
            return Some(if *count > 0 {
                grey as f32 + 1.0 - (sum - target) / *count as f32
            } else {
                grey as f32
            });
        }
    }
    None
}
