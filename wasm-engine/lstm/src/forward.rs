//! The forward pass: an int8 image in, probabilities of classes out.

use crate::kernel::cell;
use crate::kernel::{Isa, Packed};
use crate::network::{Lstm, Matrix, Network};
use crate::prepare::NetworkImage;

/// The convolution and the pooling behind it take a 3 x 3 neighbourhood each.
const POOL: usize = 3;
/// Rows that three convolutions below each other see, with one of zero weight: an even number packs well.
const WINDOW: usize = 6;
/// Steps computed together in the parts that do not depend on the step before: enough for the kernel's blocks, few enough that
/// the sums of the widest layer (4 x 512 x 4 bytes a step) stay in the second-level cache.
const BLOCK: usize = 24;

/// A layer's weights as the kernel takes them.
#[derive(Debug, Clone)]
struct Dense {
    packed: Packed,
    /// What a sum begins with: bias x 127 and the packed matrix's offset. Padded to the packed stride.
    init: Vec<i32>,
    /// Output = sum x scale, by row.
    scales: Vec<f32>,
}

impl Dense {
    /// Packs the columns `cols` of some rows; the bias is left out of `init` when `bias` is false.
    fn new(isa: Isa, rows: &[(&Matrix, usize)], cols: std::ops::Range<usize>, bias: bool) -> Self {
        let slices: Vec<&[i8]> = rows
            .iter()
            .map(|(matrix, row)| &matrix.values[row * matrix.cols..][cols.clone()])
            .collect();
        let packed = Packed::new(isa, &slices);
        let mut init = packed.offset().to_vec();
        if bias {
            for (init, (matrix, row)) in init.iter_mut().zip(rows) {
                *init += 127 * i32::from(matrix.values[(row + 1) * matrix.cols - 1]);
            }
        }
        // Activations are int8 in steps of 1/127.
        let scales = rows
            .iter()
            .map(|(matrix, row)| matrix.scales[*row] / 127.0)
            .collect();
        Self {
            packed,
            init,
            scales,
        }
    }

    fn size_bytes(&self) -> usize {
        self.packed.size_bytes() + 4 * (self.init.len() + self.scales.len())
    }
}

fn gate_rows(lstm: &Lstm) -> Vec<(&Matrix, usize)> {
    lstm.gates
        .iter()
        .flat_map(|gate| (0..gate.rows).map(move |row| (gate, row)))
        .collect()
}

#[derive(Debug, Clone)]
struct Horizontal {
    input: Dense,
    recurrent: Dense,
    n_inputs: usize,
    n_cells: usize,
    right_to_left: bool,
}

/// The network, packed for the instruction set of this machine.
#[derive(Debug, Clone)]
pub(crate) struct Forward {
    isa: Isa,
    height_px: usize,
    n_channels: usize,
    conv: Dense,
    /// Input and recurrent part in one: columns are independent of each other and run side by side.
    vertical: Dense,
    n_vertical: usize,
    horizontal: Vec<Horizontal>,
    softmax: Dense,
    null_class: usize,
}

/// Buffers of a forward pass, kept from line to line.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    words: Vec<i32>,
    sums: Vec<i32>,
    hidden: Vec<i8>,
    state: Vec<f32>,
    values: Vec<i8>,
    next: Vec<i8>,
    logits: Vec<f32>,
}

/// What the network says about a line: for each step of three scaled pixels, the likeliest classes.
#[derive(Debug, Default)]
pub(crate) struct Posteriors {
    pub(crate) steps: Vec<Step>,
}

/// The likeliest classes of a step, the most probable first, and the null's probability.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Step {
    /// Class and probability; unused places have probability 0.
    pub(crate) top: [(u16, f32); TOP],
    pub(crate) null: f32,
}

/// Classes kept per step. Behind the eighth there is no probability left that a beam of width 8 would use.
pub(crate) const TOP: usize = 8;

impl Forward {
    pub(crate) fn new(isa: Isa, network: &Network) -> Self {
        let horizontal = network
            .horizontal
            .iter()
            .map(|(lstm, right_to_left)| {
                let rows = gate_rows(lstm);
                let n_columns = lstm.n_inputs + lstm.n_cells;
                let input = Dense::new(isa, &rows, 0..lstm.n_inputs, true);
                let recurrent = Dense::new(isa, &rows, lstm.n_inputs..n_columns, false);
                let (n_inputs, n_cells, right_to_left) =
                    (lstm.n_inputs, lstm.n_cells, *right_to_left);
                Horizontal {
                    input,
                    recurrent,
                    n_inputs,
                    n_cells,
                    right_to_left,
                }
            })
            .collect();
        let vertical = &network.vertical;
        let softmax_rows: Vec<_> = (0..network.softmax.rows)
            .map(|row| (&network.softmax, row))
            .collect();
        Self {
            isa,
            height_px: network.height_px,
            n_channels: network.conv.rows,
            conv: convolution(isa, &network.conv),
            vertical: Dense::new(
                isa,
                &gate_rows(vertical),
                0..vertical.n_inputs + vertical.n_cells,
                true,
            ),
            n_vertical: vertical.n_cells,
            horizontal,
            softmax: Dense::new(isa, &softmax_rows, 0..network.softmax.cols - 1, true),
            null_class: network.null_class,
        }
    }

    pub(crate) fn height_px(&self) -> usize {
        self.height_px
    }

    pub(crate) fn isa(&self) -> Isa {
        self.isa
    }

    pub(crate) fn n_classes(&self) -> usize {
        self.softmax.packed.n_rows()
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let layers = self
            .horizontal
            .iter()
            .map(|layer| layer.input.size_bytes() + layer.recurrent.size_bytes());
        self.conv.size_bytes()
            + self.vertical.size_bytes()
            + layers.sum::<usize>()
            + self.softmax.size_bytes()
    }

    /// Runs the network over an image; `posteriors` is filled anew with one step for every three columns.
    pub(crate) fn run(
        &self,
        image: &NetworkImage,
        buffers: &mut Buffers,
        posteriors: &mut Posteriors,
    ) {
        posteriors.steps.clear();
        let n_steps = image.width() / POOL;
        if n_steps == 0 {
            return;
        }
        self.columns(image, n_steps, buffers);
        for layer in &self.horizontal {
            self.horizontal(layer, n_steps, buffers);
        }
        self.softmax(n_steps, buffers, posteriors);
    }

    /// Convolution, pooling and the vertical LSTM, a block of columns at a time; leaves n_steps x n_vertical in `values`.
    fn columns(&self, image: &NetworkImage, n_steps: usize, buffers: &mut Buffers) {
        let n_rows = self.height_px / POOL;
        let (n_channels, n_cells) = (self.n_channels, self.n_vertical);
        let Buffers {
            words,
            sums,
            hidden,
            state,
            values,
            next,
            ..
        } = buffers;
        values.clear();
        values.resize(n_steps * n_cells, 0);
        let (conv, vertical) = (&self.conv, &self.vertical);
        for start in (0..n_steps).step_by(BLOCK) {
            let n = BLOCK.min(n_steps - start);
            // `next`: row by row, column by column, the channels.
            next.clear();
            next.resize(n_rows * n * n_channels, 0);
            for column in 0..n {
                let first = (start + column) * POOL;
                let per_x = n_rows * conv.packed.stride();
                fill(sums, &conv.init, POOL * n_rows);
                words.clear();
                words.resize(POOL * n_rows * conv.packed.n_words(), 0);
                let mut patches = words.chunks_exact_mut(conv.packed.n_words());
                for x in first..first + POOL {
                    for row in 0..n_rows {
                        let mut patch = [0i8; POOL * WINDOW];
                        for (kx, taps) in patch.chunks_exact_mut(WINDOW).enumerate() {
                            taps.copy_from_slice(image.window(x + kx, row * POOL));
                        }
                        if let Some(patch_words) = patches.next() {
                            self.isa.pack_words(&patch, patch_words);
                        }
                    }
                }
                conv.packed.accumulate(words, sums);
                // The activation keeps the order, so the largest sum is pooled, not the largest activation.
                let (sums_0, rest) = sums.split_at(per_x);
                let (sums_1, sums_2) = rest.split_at(per_x);
                for row in 0..n_rows {
                    let mut pooled = [i32::MIN; 64];
                    let pooled = &mut pooled[..n_channels];
                    for sums in [sums_0, sums_1, sums_2] {
                        let sums = &sums[row * conv.packed.stride()..];
                        for sums in sums.chunks_exact(n_channels).take(POOL) {
                            pooled
                                .iter_mut()
                                .zip(sums)
                                .for_each(|(most, sum)| *most = (*most).max(*sum));
                        }
                    }
                    cell::tanh(
                        pooled,
                        &conv.scales,
                        &mut next[(row * n + column) * n_channels..][..n_channels],
                    );
                }
            }
            hidden.clear();
            hidden.resize(n * n_cells, 0);
            state.clear();
            state.resize(n * n_cells, 0.0);
            let mut inputs = vec![0i8; n_channels + n_cells];
            for row in 0..n_rows {
                fill(sums, &vertical.init, n);
                words.clear();
                words.resize(n * vertical.packed.n_words(), 0);
                for (column, words) in words
                    .chunks_exact_mut(vertical.packed.n_words())
                    .enumerate()
                {
                    inputs[..n_channels]
                        .copy_from_slice(&next[(row * n + column) * n_channels..][..n_channels]);
                    inputs[n_channels..].copy_from_slice(&hidden[column * n_cells..][..n_cells]);
                    self.isa.pack_words(&inputs, words);
                }
                vertical.packed.accumulate(words, sums);
                let columns = sums
                    .chunks_exact(vertical.packed.stride())
                    .zip(state.chunks_exact_mut(n_cells));
                for ((sums, state), hidden) in columns.zip(hidden.chunks_exact_mut(n_cells)) {
                    cell::step(self.isa, sums, &vertical.scales, state, hidden);
                }
            }
            values[start * n_cells..][..n * n_cells].copy_from_slice(hidden);
        }
    }

    /// One horizontal LSTM over `values`, which it replaces by its output.
    fn horizontal(&self, layer: &Horizontal, n_steps: usize, buffers: &mut Buffers) {
        let Buffers {
            words,
            sums,
            hidden,
            state,
            values,
            next,
            ..
        } = buffers;
        let (input, recurrent) = (&layer.input.packed, &layer.recurrent.packed);
        next.clear();
        next.resize(n_steps * layer.n_cells, 0);
        hidden.clear();
        hidden.resize(layer.n_cells, 0);
        state.clear();
        state.resize(layer.n_cells, 0.0);
        let mut hidden_words = vec![0i32; recurrent.n_words()];
        let position = |idx: usize| {
            if layer.right_to_left {
                n_steps - 1 - idx
            } else {
                idx
            }
        };
        for start in (0..n_steps).step_by(BLOCK) {
            let n = BLOCK.min(n_steps - start);
            fill(sums, &layer.input.init, n);
            words.clear();
            words.resize(n * input.n_words(), 0);
            for (idx, words) in words.chunks_exact_mut(input.n_words()).enumerate() {
                let values = &values[position(start + idx) * layer.n_inputs..][..layer.n_inputs];
                self.isa.pack_words(values, words);
            }
            input.accumulate(words, sums);
            for (idx, sums) in sums.chunks_exact_mut(input.stride()).enumerate() {
                self.isa.pack_words(hidden, &mut hidden_words);
                sums.iter_mut()
                    .zip(&layer.recurrent.init)
                    .for_each(|(sum, init)| *sum += init);
                recurrent.accumulate(&hidden_words, sums);
                cell::step(self.isa, sums, &layer.input.scales, state, hidden);
                next[position(start + idx) * layer.n_cells..][..layer.n_cells]
                    .copy_from_slice(hidden);
            }
        }
        std::mem::swap(values, next);
    }

    fn softmax(&self, n_steps: usize, buffers: &mut Buffers, posteriors: &mut Posteriors) {
        let Buffers {
            words,
            sums,
            values,
            logits,
            ..
        } = buffers;
        let packed = &self.softmax.packed;
        let width = values.len() / n_steps;
        for values in values.chunks(BLOCK * width) {
            let n = values.len() / width;
            fill(sums, &self.softmax.init, n);
            words.clear();
            words.resize(n * packed.n_words(), 0);
            for (values, words) in values
                .chunks_exact(width)
                .zip(words.chunks_exact_mut(packed.n_words()))
            {
                self.isa.pack_words(values, words);
            }
            packed.accumulate(words, sums);
            for sums in sums.chunks_exact(packed.stride()) {
                logits.clear();
                logits.extend(
                    sums.iter()
                        .zip(&self.softmax.scales)
                        .map(|(sum, scale)| *sum as f32 * scale),
                );
                posteriors.steps.push(likeliest(logits, self.null_class));
            }
        }
    }
}

/// The weights of three convolutions below each other, so that pooling finds its three rows in one product: row
/// 16 x dy + channel, columns kx x WINDOW + ky + dy.
fn convolution(isa: Isa, conv: &Matrix) -> Dense {
    let mut rows = Vec::new();
    for dy in 0..POOL {
        for channel in 0..conv.rows {
            let taps = &conv.values[channel * conv.cols..][..9];
            let mut row = vec![0i8; POOL * WINDOW];
            for (idx, tap) in taps.iter().enumerate() {
                row[idx / 3 * WINDOW + idx % 3 + dy] = *tap;
            }
            rows.push(row);
        }
    }
    let slices: Vec<&[i8]> = rows.iter().map(Vec::as_slice).collect();
    let packed = Packed::new(isa, &slices);
    let mut init = packed.offset().to_vec();
    for (row, init) in init.iter_mut().take(rows.len()).enumerate() {
        *init += 127 * i32::from(conv.values[row % conv.rows * conv.cols + 9]);
    }
    Dense {
        packed,
        init,
        scales: conv.scales.iter().map(|scale| scale / 127.0).collect(),
    }
}

fn fill(sums: &mut Vec<i32>, init: &[i32], n: usize) {
    sums.clear();
    for _ in 0..n {
        sums.extend_from_slice(init);
    }
}

/// Softmax, and the best few classes of it.
fn likeliest(logits: &[f32], null_class: usize) -> Step {
    let mut step = Step::default();
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    // What lies 16 below the best has a probability below 1.2e-7: no float sum of a few hundred classes notices it.
    let mut total = 0.0;
    let mut kept = 0;
    for (class, logit) in logits.iter().enumerate() {
        let below = logit - most;
        if below < -16.0 {
            continue;
        }
        let weight = below.exp();
        total += weight;
        if kept < TOP || weight > step.top[TOP - 1].1 {
            let mut place = kept.min(TOP - 1);
            while place > 0 && step.top[place - 1].1 < weight {
                step.top[place] = step.top[place - 1];
                place -= 1;
            }
            step.top[place] = (class as u16, weight);
            kept = (kept + 1).min(TOP);
        }
    }
    step.top.iter_mut().for_each(|(_, weight)| *weight /= total);
    step.null = (logits[null_class] - most).exp() / total;
    step
}
