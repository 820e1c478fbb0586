//! The font of invisible text: it paints nothing, has only codes, widths and what the codes mean.
//!
//! A Type 0 font (ISO 32000-1, 9.7) with one code for each grapheme cluster the document holds, and a TrueType file of three glyphs that paint nothing.
//! Tesseract's PDF output showed that viewers select, search and copy such text in every script.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use super::writer::PdfWriter;

/// Width of every cluster but the space, in thousandths of the font size; words are fitted to their boxes by horizontal scaling.
const CLUSTER_WIDTH: u16 = 500;

/// Width of a space in thousandths of the font size: what it is in Helvetica, in proportion.
const SPACE_WIDTH: u16 = 250;

/// Share of the font size below the baseline. With [`ASCENT`] it makes up the whole, so that a selected line is as high as the line's box.
pub(super) const DESCENT: f64 = 0.2;

/// Share of the font size above the baseline.
const ASCENT: f64 = 1.0 - DESCENT;

/// Code of the space; all others follow.
const SPACE_CODE: u16 = 1;

/// The codes given out so far. One font serves a whole document.
pub(super) struct TextFont {
    codes: HashMap<String, u16>,
    /// The clusters by code, from `SPACE_CODE`.
    clusters: Vec<String>,
}

impl TextFont {
    /// A font that knows the space.
    pub(super) fn new() -> Self {
        Self {
            codes: HashMap::from([(" ".to_owned(), SPACE_CODE)]),
            clusters: vec![" ".to_owned()],
        }
    }

    /// The code of `cluster`; `None` when all 65,534 are given out, which no document in living languages comes near.
    pub(super) fn code(&mut self, cluster: &str) -> Option<u16> {
        if let Some(&code) = self.codes.get(cluster) {
            return Some(code);
        }
        let code = u16::try_from(self.clusters.len() + usize::from(SPACE_CODE)).ok()?;
        self.clusters.push(cluster.to_owned());
        self.codes.insert(cluster.to_owned(), code);
        Some(code)
    }

    /// The code of the space.
    pub(super) fn space(&self) -> u16 {
        SPACE_CODE
    }

    /// Length of `n_clusters` clusters without spaces, in font sizes.
    pub(super) fn length(&self, n_clusters: usize) -> f64 {
        n_clusters as f64 * f64::from(CLUSTER_WIDTH) / 1000.0
    }

    /// Writes the font as object `id` and what belongs to it. Called once, after the last code was given out.
    pub(super) fn write(&self, id: u32, writer: &mut PdfWriter<'_>) -> io::Result<()> {
        let [descendant, descriptor, file, map, to_unicode] =
            std::array::from_fn(|_| writer.reserve());
        writer.object(
            id,
            format!(
                "<</Type/Font/Subtype/Type0/BaseFont/OcrChatGlyphless/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R>>"
            )
            .as_bytes(),
        )?;
        writer.object(
            descendant,
            format!(
                "<</Type/Font/Subtype/CIDFontType2/BaseFont/OcrChatGlyphless/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor {descriptor} 0 R/CIDToGIDMap {map} 0 R/DW {CLUSTER_WIDTH}/W[{SPACE_CODE}[{SPACE_WIDTH}]]>>"
            )
            .as_bytes(),
        )?;
        let (ascent, descent) = ((ASCENT * 1000.0) as i32, (DESCENT * 1000.0) as i32);
        // Flags: fixed pitch and nonsymbolic would promise an encoding; symbolic (4) promises nothing.
        writer.object(
            descriptor,
            format!(
                "<</Type/FontDescriptor/FontName/OcrChatGlyphless/Flags 4/FontBBox[0 -{descent} {CLUSTER_WIDTH} {ascent}]/ItalicAngle 0/Ascent {ascent}/Descent -{descent}/CapHeight {ascent}/StemV 80/FontFile2 {file} 0 R>>"
            )
            .as_bytes(),
        )?;
        let program = font_program();
        writer.deflated(file, &format!("/Length1 {}", program.len()), &program)?;
        writer.deflated(map, "", &self.glyph_map())?;
        writer.deflated(to_unicode, "", self.to_unicode().as_bytes())
    }

    /// Glyphs by code, two bytes each: the space has glyph 2, every cluster glyph 1.
    fn glyph_map(&self) -> Vec<u8> {
        let mut map = vec![0, 0, 0, 2];
        for _ in 1..self.clusters.len() {
            map.extend_from_slice(&[0, 1]);
        }
        map
    }

    /// The `CMap` from codes to UTF-16 (ISO 32000-1, 9.10.3).
    fn to_unicode(&self) -> String {
        /// Mappings in one `bfchar` section (Adobe Technical Note 5014 allows no more).
        const N_MAPPINGS: usize = 100;
        let mut cmap = String::from(
            "/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n1 begincodespacerange<0000><FFFF>endcodespacerange\n",
        );
        let mut code = SPACE_CODE;
        for section in self.clusters.chunks(N_MAPPINGS) {
            let _ = writeln!(cmap, "{} beginbfchar", section.len());
            for cluster in section {
                let _ = write!(cmap, "<{code:04X}><");
                for unit in cluster.encode_utf16() {
                    let _ = write!(cmap, "{unit:04X}");
                }
                cmap.push_str(">\n");
                code = code.wrapping_add(1);
            }
            cmap.push_str("endbfchar\n");
        }
        cmap.push_str("endcmap CMapName currentdict/CMap defineresource pop end end\n");
        cmap
    }
}

/// A TrueType file of three glyphs that paint nothing: the missing glyph, a cluster, a space. Its widths are those of the font dictionary.
fn font_program() -> Vec<u8> {
    const UNITS_PER_EM: u16 = 1000;
    let (ascent, descent) = (
        (ASCENT * 1000.0) as i16,
        -((DESCENT * 1000.0).round() as i16),
    );
    let words =
        |values: &[u16]| -> Vec<u8> { values.iter().flat_map(|v| v.to_be_bytes()).collect() };
    let mut head = words(&[1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0x000b, UNITS_PER_EM]);
    head.extend_from_slice(&[0; 16]);
    head.extend(words(&[0, descent as u16, CLUSTER_WIDTH, ascent as u16]));
    // Style, smallest readable size, direction hint, short offsets, glyph format.
    head.extend(words(&[0, 8, 2, 0, 0]));
    let mut hhea = words(&[
        1,
        0,
        ascent as u16,
        descent as u16,
        0,
        CLUSTER_WIDTH,
        0,
        0,
        CLUSTER_WIDTH,
        1,
    ]);
    hhea.extend(words(&[0; 7]));
    hhea.extend(words(&[3]));
    let hmtx = words(&[CLUSTER_WIDTH, 0, CLUSTER_WIDTH, 0, SPACE_WIDTH, 0]);
    let mut maxp = words(&[1, 0, 3]);
    maxp.extend(words(&[2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    let glyph = cluster_glyph(ascent, descent);
    let half_length = (glyph.len() / 2) as u16;
    let tables: [(&[u8; 4], Vec<u8>); 6] = [
        (b"glyf", glyph),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", hmtx),
        (b"loca", words(&[0, 0, half_length, half_length])),
        (b"maxp", maxp),
    ];
    let mut file = words(&[1, 0, 6, 64, 2, 32]);
    let mut at = file.len() + tables.len() * 16;
    for (tag, table) in &tables {
        file.extend_from_slice(*tag);
        file.extend_from_slice(&checksum(table).to_be_bytes());
        file.extend_from_slice(&(at as u32).to_be_bytes());
        file.extend_from_slice(&(table.len() as u32).to_be_bytes());
        at += table.len().next_multiple_of(4);
    }
    let head_at = file.len() + tables[0].1.len().next_multiple_of(4);
    for (_, table) in &tables {
        file.extend_from_slice(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    // The head table's adjustment makes the whole file sum up to a constant (OpenType, "head").
    let adjustment = 0xb1b0_afba_u32.wrapping_sub(checksum(&file));
    file[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    file
}

/// The glyph of a cluster: a contour of two points from corner to corner, which encloses nothing. Without any, `PDFium` takes the text for flat,
/// and drops it where it stands upright on the page.
fn cluster_glyph(ascent: i16, descent: i16) -> Vec<u8> {
    let width = CLUSTER_WIDTH as i16;
    let values = [1, 0, descent, width, ascent, 1, 0];
    let mut glyph: Vec<u8> = values.iter().flat_map(|v: &i16| v.to_be_bytes()).collect();
    // Both points are on the curve and have 16-bit steps.
    glyph.extend_from_slice(&[1, 1]);
    for step in [0, width, descent, ascent - descent] {
        glyph.extend_from_slice(&step.to_be_bytes());
    }
    glyph
}

/// Sum of big-endian words, the last one filled up with zeros.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn clusters_keep_their_codes_and_map_to_all_their_code_units() {
        let mut font = TextFont::new();
        assert_eq!(font.code(" "), Some(1));
        assert_eq!(font.code("\u{e01}\u{e33}"), Some(2));
        assert_eq!(font.code("\u{20bb7}"), Some(3));
        assert_eq!(font.code("\u{e01}\u{e33}"), Some(2));
        let cmap = font.to_unicode();
        assert!(
            cmap.contains("3 beginbfchar\n<0001><0020>\n<0002><0E010E33>\n<0003><D842DFB7>\n"),
            "{cmap}"
        );
        assert_eq!(font.glyph_map(), [0, 0, 0, 2, 0, 1, 0, 1]);
    }

    #[test]
    fn codes_run_out_instead_of_wrapping() {
        let mut font = TextFont::new();
        for n in 0..65_534_u32 {
            assert!(font.code(&n.to_string()).is_some(), "{n}");
        }
        assert_eq!(font.code("one too many"), None);
    }

    #[test]
    fn the_font_file_is_small_and_sums_up() {
        let program = font_program();
        assert!(program.len() < 300, "{}", program.len());
        assert_eq!(checksum(&program), 0xb1b0_afba);
        let head = program.windows(4).position(|w| w == b"head").unwrap();
        let at = u32::from_be_bytes(program[head + 8..head + 12].try_into().unwrap()) as usize;
        assert_eq!(program[at + 12..at + 16], [0x5f, 0x0f, 0x3c, 0xf5]);
    }
}
