//! Scales a part of a grey image, bicubic with the kernel stretched when it shrinks (Keys 1981, a = -1/2).

/// A part of an image in its own coordinates; it may reach beyond the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// The weights of one output pixel: where its source pixels begin, and a weight for each.
struct Taps {
    start: isize,
    weights: Vec<f32>,
}

fn keys(x: f32) -> f32 {
    const A: f32 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

fn taps(offset: f32, extent: f32, n: usize) -> Vec<Taps> {
    let scale = extent / n as f32;
    let stretch = scale.max(1.0);
    (0..n)
        .map(|idx| {
            let centre = offset + (idx as f32 + 0.5) * scale;
            let start = (centre - 2.0 * stretch).floor() as isize;
            let end = (centre + 2.0 * stretch).ceil() as isize;
            let mut weights: Vec<f32> = (start..end)
                .map(|at| keys((at as f32 + 0.5 - centre) / stretch))
                .collect();
            let total: f32 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= total);
            Taps { start, weights }
        })
        .collect()
}

/// Scales `region` of an image to `out_width` x `out_height`. What lies beyond the image has the value `ground`.
///
/// `pixels` is row-major; the result is column-major, 0..=255 but for the overshoot of the kernel, which is cut off.
pub(crate) fn scale(
    pixels: &[u8],
    width: usize,
    height: usize,
    region: Region,
    out_width: usize,
    out_height: usize,
    ground: u8,
) -> Vec<u8> {
    // Vertically first, which turns rows to columns: both passes then run along contiguous memory.
    let ground = f32::from(ground);
    let mut columns = vec![0.0f32; width * out_height];
    let mut row = vec![0.0f32; width];
    for (y, taps) in taps(region.top, region.height, out_height)
        .iter()
        .enumerate()
    {
        row.fill(0.0);
        for (idx, weight) in taps.weights.iter().enumerate() {
            match usize::try_from(taps.start + idx as isize) {
                Ok(source) if source < height => {
                    let source = &pixels[source * width..][..width];
                    row.iter_mut()
                        .zip(source)
                        .for_each(|(sum, pixel)| *sum += weight * f32::from(*pixel));
                }
                _ => row.iter_mut().for_each(|sum| *sum += weight * ground),
            }
        }
        for (x, value) in row.iter().enumerate() {
            columns[x * out_height + y] = *value;
        }
    }
    let mut out = Vec::with_capacity(out_width * out_height);
    let mut column = vec![0.0f32; out_height];
    for taps in taps(region.left, region.width, out_width) {
        column.fill(0.0);
        for (idx, weight) in taps.weights.iter().enumerate() {
            match usize::try_from(taps.start + idx as isize) {
                Ok(source) if source < width => {
                    let source = &columns[source * out_height..][..out_height];
                    column
                        .iter_mut()
                        .zip(source)
                        .for_each(|(sum, value)| *sum += weight * value);
                }
                _ => column.iter_mut().for_each(|sum| *sum += weight * ground),
            }
        }
        out.extend(column.iter().map(|value| (value + 0.5) as u8));
    }
    out
}
