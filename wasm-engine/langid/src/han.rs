//! Simplified Chinese, traditional Chinese or Japanese, from the Han characters alone.

/// First character of the bitmaps, U+4E00, and how many there are.
const FIRST: u32 = 0x4E00;
const N_CHARACTERS: usize = 0x9FFF - 0x4E00 + 1;
const BITMAP_BYTES: usize = N_CHARACTERS / 8;

/// Which Han characters each of three national character sets has among its common ones: GB 2312 level 1 (simplified), Big5 level 1
/// (traditional), JIS X 0208 level 1 (Japanese).
#[derive(Debug)]
pub(crate) struct Han {
    bitmaps: [Vec<u8>; 3],
}

/// How many Han characters of a text each character set has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HanCounts {
    pub(crate) simplified: usize,
    pub(crate) traditional: usize,
    pub(crate) japanese: usize,
}

impl Han {
    pub(crate) const N_BYTES: usize = 3 * BITMAP_BYTES;

    /// From the three bitmaps one after the other; what `bytes` lacks counts as no character.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let bitmap = |idx: usize| {
            bytes
                .chunks(BITMAP_BYTES)
                .nth(idx)
                .unwrap_or_default()
                .to_vec()
        };
        Self {
            bitmaps: [bitmap(0), bitmap(1), bitmap(2)],
        }
    }

    pub(crate) fn count(&self, text: &str) -> HanCounts {
        let mut counts = [0; 3];
        for ch in text.chars() {
            let Some(idx) = u32::from(ch).checked_sub(FIRST).map(|idx| idx as usize) else {
                continue;
            };
            for (count, bitmap) in counts.iter_mut().zip(&self.bitmaps) {
                *count += bitmap
                    .get(idx / 8)
                    .map_or(0, |byte| usize::from(byte >> (idx % 8) & 1));
            }
        }
        let [simplified, traditional, japanese] = counts;
        HanCounts {
            simplified,
            traditional,
            japanese,
        }
    }
}
