//! TIFF pages whose data lies in one strip with a compression that PDF knows; the others are left to decoding.

use super::Picture;

/// Tags of TIFF 6.0.
mod tag {
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS_PER_SAMPLE: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(super) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(super) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(super) const PREDICTOR: u16 = 317;
}

/// Directories followed before a chain is taken for a circle.
const MAX_DIRECTORIES: u32 = 10_000;

/// Directory `index` of `file` as an image object.
pub(super) fn picture(file: &[u8], index: u32) -> Option<Picture> {
    let directory = Directory::find(file, index)?;
    let width_px = directory.number(tag::WIDTH)?;
    let height_px = directory.number(tag::HEIGHT)?;
    let (width, height) = (width_px, height_px);
    let value = |tag: u16, default: u32| match directory.entry(tag) {
        Some(_) => directory.number(tag),
        None => Some(default),
    };
    let start = usize::try_from(directory.number(tag::STRIP_OFFSETS)?).ok()?;
    let length = usize::try_from(directory.number(tag::STRIP_BYTE_COUNTS)?).ok()?;
    let data = file.get(start..start.checked_add(length)?)?;
    let is_plain = value(tag::FILL_ORDER, 1)? == 1 && width > 0 && height > 0 && !data.is_empty();
    // A number for each sample means that more than one is stored; only one is asked for here.
    let bits = value(tag::BITS_PER_SAMPLE, 1).filter(|bits| matches!(bits, 1 | 4 | 8))?;
    if !is_plain || value(tag::SAMPLES_PER_PIXEL, 1)? != 1 {
        return None;
    }
    let is_white_zero = match value(tag::PHOTOMETRIC, 0)? {
        0 => true,
        1 => false,
        _ => return None,
    };
    let decode = if is_white_zero { "/Decode[1 0]" } else { "" };
    let filter = match (value(tag::COMPRESSION, 1)?, value(tag::PREDICTOR, 1)?) {
        // The filter gives black as 0 unless told otherwise; TIFF says which of its codes' two colours is zero.
        (4, _) if bits == 1 => {
            let black_is_one = if is_white_zero { "" } else { "/BlackIs1 true" };
            return Some(Picture {
                width_px,
                height_px,
                entries: format!("/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns {width}/Rows {height}{black_is_one}>>").into_bytes(),
                data: data.to_vec(),
                orientation: directory.orientation(),
            });
        }
        // Writers before TIFF 6.0 packed LZW codes the other way round; their data starts with an even byte.
        (5, predictor @ (1 | 2)) if data[0] & 1 == 0 && data[0] != 0 => ("LZWDecode", predictor),
        (8 | 32946, predictor @ (1 | 2)) => ("FlateDecode", predictor),
        _ => return None,
    };
    let (name, predictor) = filter;
    let entries = format!(
        "/ColorSpace/DeviceGray/BitsPerComponent {bits}{decode}/Filter/{name}/DecodeParms<</Predictor {predictor}/Colors 1/BitsPerComponent {bits}/Columns {width}>>"
    );
    Some(Picture {
        width_px,
        height_px,
        entries: entries.into_bytes(),
        data: data.to_vec(),
        orientation: directory.orientation(),
    })
}

/// One directory of a TIFF file.
struct Directory<'a> {
    file: &'a [u8],
    is_little: bool,
    /// Position of the first entry.
    at: usize,
    n_entries: usize,
}

impl<'a> Directory<'a> {
    fn find(file: &'a [u8], index: u32) -> Option<Self> {
        let is_little = file.starts_with(b"II");
        let mut directory = Self {
            file,
            is_little,
            at: 0,
            n_entries: 0,
        };
        let mut at = directory.long(4)?;
        for _ in 0..=index.min(MAX_DIRECTORIES) {
            let start = usize::try_from(at).ok().filter(|&start| start > 0)?;
            directory.n_entries = usize::from(directory.short(start)?);
            directory.at = start + 2;
            at = directory
                .long(directory.at + directory.n_entries * 12)
                .unwrap_or(0);
        }
        Some(directory)
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.file.get(at..)?.first_chunk::<2>()?;
        Some(if self.is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = *self.file.get(at..)?.first_chunk::<4>()?;
        Some(if self.is_little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn entry(&self, tag: u16) -> Option<usize> {
        (0..self.n_entries)
            .map(|idx| self.at + idx * 12)
            .find(|&entry| self.short(entry) == Some(tag))
    }

    /// The value of a tag that has a single one; `None` for lists and for tags that are not there.
    fn number(&self, tag: u16) -> Option<u32> {
        let entry = self.entry(tag)?;
        if self.long(entry + 4)? != 1 {
            return None;
        }
        match self.short(entry + 2)? {
            3 => self.short(entry + 8).map(u32::from),
            4 => self.long(entry + 8),
            _ => None,
        }
    }

    fn orientation(&self) -> u8 {
        self.number(tag::ORIENTATION)
            .and_then(|value| u8::try_from(value).ok())
            .filter(|value| (1..=8).contains(value))
            .unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// Little-endian, one directory for each list of entries, the strip's data at position 8.
    fn file(directories: &[&[(u16, u32)]]) -> Vec<u8> {
        let mut file = b"II\x2a\0\0\0\0\0\x26\xa0\0\0".to_vec();
        let mut link = 4;
        for entries in directories {
            let at = file.len() as u32;
            file[link..link + 4].copy_from_slice(&at.to_le_bytes());
            file.extend_from_slice(&(entries.len() as u16).to_le_bytes());
            for (tag, value) in *entries {
                file.extend_from_slice(&tag.to_le_bytes());
                file.extend_from_slice(&[4, 0, 1, 0, 0, 0]);
                file.extend_from_slice(&value.to_le_bytes());
            }
            link = file.len();
            file.extend_from_slice(&[0; 4]);
        }
        file
    }

    const FAX: &[(u16, u32)] = &[
        (tag::WIDTH, 6),
        (tag::HEIGHT, 4),
        (tag::COMPRESSION, 4),
        (tag::PHOTOMETRIC, 0),
        (tag::STRIP_OFFSETS, 8),
        (tag::ORIENTATION, 3),
        (tag::STRIP_BYTE_COUNTS, 2),
    ];

    #[test]
    fn a_fax_page_keeps_its_strip() {
        let deflated = [FAX, &[(tag::BITS_PER_SAMPLE, 8)]].concat();
        let deflated: Vec<(u16, u32)> = deflated
            .into_iter()
            .map(|(tag, value)| match tag {
                tag::COMPRESSION => (tag, 8),
                tag::PHOTOMETRIC => (tag, 1),
                _ => (tag, value),
            })
            .collect();
        let bytes = file(&[FAX, &deflated]);
        let first = picture(&bytes, 0).unwrap();
        assert_eq!(
            (first.width_px, first.height_px, first.orientation),
            (6, 4, 3)
        );
        assert_eq!(first.data, [0x26, 0xa0]);
        assert!(
            String::from_utf8(first.entries)
                .unwrap()
                .contains("/K -1/Columns 6/Rows 4>>")
        );
        let second = picture(&bytes, 1).unwrap();
        assert!(
            String::from_utf8(second.entries)
                .unwrap()
                .contains("/FlateDecode")
        );
        assert_eq!(picture(&bytes, 2), None);
    }

    #[test]
    fn several_strips_and_other_compressions_are_left_to_decoding() {
        let with = |tag: u16, value: u32| {
            let entries: Vec<(u16, u32)> = FAX
                .iter()
                .map(|&(t, v)| (t, if t == tag { value } else { v }))
                .collect();
            picture(&file(&[&entries]), 0)
        };
        assert!(with(tag::COMPRESSION, 4).is_some());
        assert_eq!(with(tag::COMPRESSION, 7), None);
        assert_eq!(with(tag::PHOTOMETRIC, 6), None);
        assert_eq!(with(tag::STRIP_BYTE_COUNTS, 9999), None);
    }
}
