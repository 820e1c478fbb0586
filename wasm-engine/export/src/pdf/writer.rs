//! The objects of a PDF file, written one after another; positions are kept for the cross-reference at the end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

/// Effort of deflate, 0 to 10: 6 is what zlib takes by default; 9 makes text layers 1 % smaller at three times the time.
const DEFLATE_LEVEL: u8 = 6;

/// A file in the making. Nothing is held back but the positions of its objects.
pub(super) struct PdfWriter<'a> {
    out: &'a mut dyn Write,
    at: u64,
    numbers: ObjectNumbers,
    /// Generation and position of each object written, by number.
    written: BTreeMap<u32, (u32, u64)>,
}

impl<'a> PdfWriter<'a> {
    /// A writer at the start of `out`, whose first object will have the number `first_id`.
    pub(super) fn new(out: &'a mut dyn Write, first_id: u32) -> Self {
        Self {
            out,
            at: 0,
            numbers: ObjectNumbers(Rc::new(Cell::new(first_id))),
            written: BTreeMap::new(),
        }
    }

    /// A number for an object that will be written later.
    pub(super) fn reserve(&self) -> u32 {
        self.numbers.next()
    }

    /// The numbers that [`Self::reserve`] gives out, for others to take from.
    pub(super) fn numbers(&self) -> ObjectNumbers {
        self.numbers.clone()
    }

    /// Writes `bytes` as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// The header; the second line tells transports that the file is binary (ISO 32000-1, 7.5.2).
    pub(super) fn header(&mut self) -> io::Result<()> {
        self.raw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    }

    /// Writes object `id` with the value `body`.
    pub(super) fn object(&mut self, id: u32, body: &[u8]) -> io::Result<()> {
        self.object_of_generation(id, 0, body)
    }

    /// Writes object `id` of `generation` with the value `body`.
    pub(super) fn object_of_generation(
        &mut self,
        id: u32,
        generation: u32,
        body: &[u8],
    ) -> io::Result<()> {
        self.written.insert(id, (generation, self.at));
        self.raw(format!("{id} {generation} obj\n").as_bytes())?;
        self.raw(body)?;
        self.raw(b"\nendobj\n")
    }

    /// Writes stream `id`: `entries` is the inside of its dictionary but for the length.
    pub(super) fn stream(&mut self, id: u32, entries: &[u8], data: &[u8]) -> io::Result<()> {
        self.written.insert(id, (0, self.at));
        self.raw(format!("{id} 0 obj\n<<").as_bytes())?;
        self.raw(entries)?;
        self.raw(format!("/Length {}>>stream\n", data.len()).as_bytes())?;
        self.raw(data)?;
        self.raw(b"\nendstream\nendobj\n")
    }

    /// As [`Self::stream`], with `data` deflated.
    pub(super) fn deflated(&mut self, id: u32, entries: &str, data: &[u8]) -> io::Result<()> {
        let entries = format!("{entries}/Filter/FlateDecode");
        self.stream(id, entries.as_bytes(), &deflate(data))
    }

    /// Ends a new file: the cross-reference table over all objects and the trailer, whose dictionary holds `entries`.
    pub(super) fn finish_new(mut self, entries: &str) -> io::Result<()> {
        let start = self.at;
        // The free entry that every table begins with; its section runs on into the objects'.
        let n_objects = self.written.len() + 1;
        self.raw(format!("xref\n0 {n_objects}\n0000000000 65535 f \n").as_bytes())?;
        for (generation, position) in self.written.values().copied().collect::<Vec<_>>() {
            self.raw(format!("{position:010} {generation:05} n \n").as_bytes())?;
        }
        let size = self.numbers.0.get();
        self.raw(
            format!("trailer\n<</Size {size}{entries}>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
        )
    }

    /// Ends an update in the form of a table. `entries` names the root and the table before.
    pub(super) fn finish_update_table(mut self, entries: &str) -> io::Result<()> {
        let start = self.at;
        self.raw(b"xref\n")?;
        self.table_sections()?;
        let size = self.numbers.0.get();
        self.raw(
            format!("trailer\n<</Size {size}{entries}>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
        )
    }

    /// Ends an update in the form of a cross-reference stream (ISO 32000-1, 7.5.8), as a file without tables needs it.
    pub(super) fn finish_update_stream(mut self, entries: &str) -> io::Result<()> {
        let id = self.reserve();
        let start = self.at;
        self.written.insert(id, (0, start));
        let mut index = String::new();
        let mut rows = Vec::new();
        for section in self.sections() {
            index.push_str(&format!("{} {} ", section[0].0, section.len()));
            for (_, generation, position) in section {
                rows.push(1);
                rows.extend_from_slice(&position.to_be_bytes()[3..]);
                rows.extend_from_slice(&generation.to_be_bytes()[2..]);
            }
        }
        let size = self.numbers.0.get();
        let entries = format!(
            "/Type/XRef/Size {size}/W[1 5 2]/Index[{}]{entries}",
            index.trim_end()
        );
        self.deflated(id, &entries, &rows)?;
        self.raw(format!("startxref\n{start}\n%%EOF\n").as_bytes())
    }

    fn table_sections(&mut self) -> io::Result<()> {
        for section in self.sections() {
            self.raw(format!("{} {}\n", section[0].0, section.len()).as_bytes())?;
            for (_, generation, position) in section {
                self.raw(format!("{position:010} {generation:05} n \n").as_bytes())?;
            }
        }
        Ok(())
    }

    /// Number, generation and position of the objects written, by runs of numbers; no run is empty.
    fn sections(&self) -> Vec<Vec<(u32, u32, u64)>> {
        let mut sections: Vec<Vec<(u32, u32, u64)>> = Vec::new();
        for (&id, &(generation, position)) in &self.written {
            let entry = (id, generation, position);
            match sections.last_mut() {
                Some(section) if section.last().is_some_and(|last| last.0 + 1 == id) => {
                    section.push(entry);
                }
                _ => sections.push(vec![entry]),
            }
        }
        sections
    }
}

/// Object numbers in rising order, from one counter however many hold it.
#[derive(Debug, Clone)]
pub(super) struct ObjectNumbers(Rc<Cell<u32>>);

impl ObjectNumbers {
    /// A number that was not given out before.
    pub(super) fn next(&self) -> u32 {
        let id = self.0.get();
        self.0.set(id.saturating_add(1));
        id
    }
}

/// `data` in the zlib format.
pub(super) fn deflate(data: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(data, DEFLATE_LEVEL)
}

/// `value` with at most `decimals` digits behind the point, the shortest way. PDF knows no exponents.
pub(super) fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match short {
        "" | "-" | "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

/// `text` as a text string: UTF-16 with its byte order mark, in hexadecimal digits (ISO 32000-1, 7.9.2.2).
pub(super) fn text_string(text: &str) -> String {
    let digits: String = text
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    format!("<FEFF{digits}>")
}

/// Appends `bytes` to `out` as a literal string.
pub(super) fn push_literal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'(');
    for &byte in bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            // A bare carriage return would be read as a line feed.
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
    out.push(b')');
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn numbers_are_short_and_have_no_exponents() {
        assert_eq!(number(12.0, 2), "12");
        assert_eq!(number(-0.001, 2), "0");
        assert_eq!(number(0.000_012, 6), "0.000012");
        assert_eq!(number(1e9, 2), "1000000000");
        assert_eq!(number(f64::NAN, 2), "0");
    }

    #[test]
    fn strings_are_escaped() {
        let mut out = Vec::new();
        push_literal(&mut out, b"a(b)\\\r\n");
        assert_eq!(out, b"(a\\(b\\)\\\\\\r\n)");
        assert_eq!(text_string("a\u{1f600}"), "<FEFF0061D83DDE00>");
    }

    #[test]
    fn the_table_has_a_section_for_each_run_of_numbers() {
        let mut out = Vec::new();
        let mut writer = PdfWriter::new(&mut out, 7);
        writer.object(2, b"null").unwrap();
        writer.object_of_generation(3, 1, b"null").unwrap();
        let id = writer.reserve();
        writer.object(id, b"1").unwrap();
        writer.finish_update_table("/Root 1 0 R/Prev 9").unwrap();
        let text = String::from_utf8(out).unwrap();
        let table = text.split("xref\n").nth(1).unwrap();
        assert!(
            table.starts_with("2 2\n0000000000 00000 n \n0000000020 00001 n \n7 1\n"),
            "{table}"
        );
        assert!(table.contains("<</Size 8/Root 1 0 R/Prev 9>>"));
    }
}
