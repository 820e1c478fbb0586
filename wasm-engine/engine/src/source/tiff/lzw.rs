//! LZW chunks without their end code, which the TIFF library refuses although every other reader takes them.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::Tag;
use weezl::BitOrder;

/// A chunk that declares more bytes than this is refused; writers make chunks of some kilobytes.
const MAX_CHUNK_BYTES: usize = 64 << 20;

/// Decodes the current directory chunk by chunk, as far as each goes; what is missing stays white.
///
/// For LZW (compression 5) in chunky order with 8 bits a sample, with or without horizontal differencing (TIFF 6.0, sections 13 and
/// 14); `None` for everything else. The answer has `width * height * samples` bytes.
pub(super) fn decode(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    bytes: &[u8],
    width: u32,
    height: u32,
    color: ColorType,
) -> Option<Vec<u8>> {
    let tag = |decoder: &mut Decoder<Cursor<&[u8]>>, tag: Tag, default: u32| {
        decoder
            .find_tag_unsigned::<u32>(tag)
            .ok()
            .flatten()
            .unwrap_or(default)
    };
    let is_ours = tag(decoder, Tag::Compression, 1) == 5
        && tag(decoder, Tag::PlanarConfiguration, 1) == 1
        && color.bit_depth() == 8;
    let is_differenced = match tag(decoder, Tag::Predictor, 1) {
        1 => false,
        2 => true,
        _ => return None,
    };
    if !is_ours {
        return None;
    }
    let (offsets, lengths) = match decoder.get_chunk_type() {
        ChunkType::Strip => (Tag::StripOffsets, Tag::StripByteCounts),
        ChunkType::Tile => (Tag::TileOffsets, Tag::TileByteCounts),
    };
    let offsets = decoder.get_tag_u64_vec(offsets).ok()?;
    let lengths = decoder.get_tag_u64_vec(lengths).ok()?;
    let n_samples = usize::from(color.num_samples());
    let (width, height) = (width as usize, height as usize);
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let (chunk_width, chunk_height) = (chunk_width as usize, chunk_height as usize);
    if chunk_width == 0 || chunk_height == 0 {
        return None;
    }
    let chunks_across = width.div_ceil(chunk_width);
    let mut out = vec![255_u8; width * height * n_samples];
    for (chunk_idx, (&offset, &length)) in offsets.iter().zip(&lengths).enumerate() {
        let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let coded = &bytes[clamp(offset)..clamp(offset.saturating_add(length))];
        let (x, y) = (
            chunk_idx % chunks_across * chunk_width,
            chunk_idx / chunks_across * chunk_height,
        );
        if y >= height {
            break;
        }
        let rows = chunk_height.min(height - y);
        let n_bytes = chunk_width
            .checked_mul(rows * n_samples)
            .filter(|&n_bytes| n_bytes <= MAX_CHUNK_BYTES)?;
        let mut chunk = vec![255_u8; n_bytes];
        unpack(coded, &mut chunk);
        for (row_idx, row) in chunk.chunks_exact_mut(chunk_width * n_samples).enumerate() {
            if is_differenced {
                for at in n_samples..row.len() {
                    row[at] = row[at].wrapping_add(row[at - n_samples]);
                }
            }
            let kept = chunk_width.min(width - x) * n_samples;
            let to = ((y + row_idx) * width + x) * n_samples;
            out[to..to + kept].copy_from_slice(&row[..kept]);
        }
    }
    Some(out)
}

/// Fills `out` as far as `coded` goes.
fn unpack(mut coded: &[u8], mut out: &mut [u8]) {
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    loop {
        let step = decoder.decode_bytes(coded, out);
        coded = &coded[step.consumed_in..];
        out = &mut out[step.consumed_out..];
        let is_stuck = step.consumed_in == 0 && step.consumed_out == 0;
        if is_stuck || !matches!(step.status, Ok(weezl::LzwStatus::Ok)) {
            return;
        }
    }
}
