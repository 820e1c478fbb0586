//! int8 matrix products and the cell arithmetic of the LSTM layers, in one form per instruction set.
//!
//! Weights and activations are int8, sums are exact in i32, so every instruction set gives the same sums bit for bit. The float
//! arithmetic behind them ([`cell`]) uses no fused multiply-add for the same reason: a line reads the same everywhere.
//!
//! A matrix is packed for its instruction set when the model is loaded: panels of `panel` rows (outputs), in each panel groups
//! of `group` columns, in each group the rows one after the other. An activation vector is packed to words of 32 bits, one
//! group each, which a kernel broadcasts against a panel's rows.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod cell;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

/// An instruction set that this machine has. Only [`Isa::best`] and [`Isa::all`] make one, after asking the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Isa(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

/// How an activation word is made of int8 values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordForm {
    /// Four i8.
    Quad,
    /// Four u8, each 128 more than its value, as the VNNI instructions want one operand.
    QuadOffset,
    /// Two i16.
    Pair,
}

impl Isa {
    /// The fastest instruction set of this machine.
    pub(crate) fn best() -> Self {
        Self::all().pop().unwrap_or(Self(Kind::Scalar))
    }

    /// All instruction sets of this machine, the fastest last.
    pub(crate) fn all() -> Vec<Self> {
        #[cfg_attr(
            not(any(
                target_arch = "x86_64",
                target_arch = "aarch64",
                target_feature = "simd128"
            )),
            expect(unused_mut, reason = "the scalar kernel is the only one there")
        )]
        let mut all = vec![Self(Kind::Scalar)];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2");
            if avx2 {
                all.push(Self(Kind::Avx2));
            }
            if avx2 && is_x86_feature_detected!("avxvnni") {
                all.push(Self(Kind::AvxVnni));
            }
            if avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni")
            {
                all.push(Self(Kind::Avx512Vnni));
            }
        }
        #[cfg(target_arch = "aarch64")]
        all.push(Self(Kind::Neon));
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        all.push(Self(Kind::Simd128));
        all
    }

    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni => "AVX-VNNI",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512Vnni => "AVX-512 VNNI",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "NEON",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => "simd128",
        }
    }

    /// Rows of a panel.
    fn panel(self) -> usize {
        match self.0 {
            Kind::Scalar => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 | Kind::AvxVnni => 32,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512Vnni => 64,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => 16,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => 16,
        }
    }

    fn word_form(self) -> WordForm {
        match self.0 {
            Kind::Scalar => WordForm::Quad,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => WordForm::Pair,
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni | Kind::Avx512Vnni => WordForm::QuadOffset,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => WordForm::Pair,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => WordForm::Pair,
        }
    }

    /// Columns of a group, that is values in an activation word.
    fn group(self) -> usize {
        if self.word_form() == WordForm::Pair {
            2
        } else {
            4
        }
    }

    /// Words that `n_values` activations take.
    pub(crate) fn n_words(self, n_values: usize) -> usize {
        n_values.div_ceil(self.group())
    }

    /// Packs one activation vector. `words` has exactly `n_words(values.len())` elements.
    pub(crate) fn pack_words(self, values: &[i8], words: &mut [i32]) {
        debug_assert_eq!(words.len(), self.n_words(values.len()));
        match self.word_form() {
            WordForm::Pair => {
                let (pairs, rest) = values.as_chunks::<2>();
                for (word, pair) in words.iter_mut().zip(pairs) {
                    *word = pair_word(pair[0], pair[1]);
                }
                if let ([value], Some(word)) = (rest, words.last_mut()) {
                    *word = pair_word(*value, 0);
                }
            }
            form => {
                let flip = if form == WordForm::QuadOffset {
                    0x8080_8080_u32.cast_signed()
                } else {
                    0
                };
                let (quads, rest) = values.as_chunks::<4>();
                for (word, quad) in words.iter_mut().zip(quads) {
                    *word = i32::from_le_bytes(quad.map(i8::cast_unsigned)) ^ flip;
                }
                if let (false, Some(word)) = (rest.is_empty(), words.last_mut()) {
                    let mut quad = [0u8; 4];
                    for (byte, value) in quad.iter_mut().zip(rest) {
                        *byte = value.cast_unsigned();
                    }
                    *word = i32::from_le_bytes(quad) ^ flip;
                }
            }
        }
    }
}

fn pair_word(low: i8, high: i8) -> i32 {
    (i32::from(low) & 0xffff) | (i32::from(high) << 16)
}

/// An int8 matrix packed for one instruction set, without its bias column.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    isa: Isa,
    n_rows: usize,
    n_words: usize,
    data: Vec<i8>,
    /// By row, padded to whole panels: what the offset of the activations adds to a sum, to be taken away from it.
    offset: Vec<i32>,
}

impl Packed {
    /// Packs `rows`, each of the same length. Rows and columns are filled up with zeros.
    pub(crate) fn new(isa: Isa, rows: &[&[i8]]) -> Self {
        let n_cols = rows.first().map_or(0, |row| row.len());
        let (panel, group) = (isa.panel(), isa.group());
        let n_words = n_cols.div_ceil(group);
        let n_panels = rows.len().div_ceil(panel);
        let mut data = vec![0i8; n_panels * panel * n_words * group];
        let mut offset = vec![0i32; n_panels * panel];
        for (row_idx, row) in rows.iter().enumerate() {
            let base = (row_idx / panel) * panel * n_words * group + (row_idx % panel) * group;
            for (col, &value) in row.iter().enumerate() {
                data[base + (col / group) * panel * group + col % group] = value;
            }
            if isa.word_form() == WordForm::QuadOffset {
                offset[row_idx] = -128 * row.iter().map(|&value| i32::from(value)).sum::<i32>();
            }
        }
        Self {
            isa,
            n_rows: rows.len(),
            n_words,
            data,
            offset,
        }
    }

    /// Outputs with those that fill up the last panel: the distance between two steps in a buffer of sums.
    pub(crate) fn stride(&self) -> usize {
        self.offset.len()
    }

    pub(crate) fn n_words(&self) -> usize {
        self.n_words
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.data.len() + 4 * self.offset.len()
    }

    /// What sums must begin with so that they come out without the activations' offset.
    pub(crate) fn offset(&self) -> &[i32] {
        &self.offset
    }

    /// Adds the products to `sums`: for each step of `words` (`n_words` each), `stride` sums.
    pub(crate) fn accumulate(&self, words: &[i32], sums: &mut [i32]) {
        if self.n_words == 0 {
            return;
        }
        let view = View {
            data: &self.data,
            n_words: self.n_words,
            words,
            stride: self.stride(),
        };
        match self.isa.0 {
            Kind::Scalar => scalar::accumulate(&view, sums),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2::accumulate(&view, sums),
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni => avx2::accumulate_vnni(&view, sums),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512Vnni => avx512::accumulate(&view, sums),
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => neon::accumulate(&view, sums),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => wasm::accumulate(&view, sums),
        }
    }
}

/// One product as a kernel sees it.
struct View<'a> {
    data: &'a [i8],
    n_words: usize,
    words: &'a [i32],
    stride: usize,
}

#[cfg(test)]
mod tests;
