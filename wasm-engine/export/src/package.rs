//! The package of Open XML files (ECMA-376 part 2): a zip archive that is written in one go, part after part, to a writer that cannot seek.
//!
//! Nothing in it depends on when or where it is written: every part bears the first day of the zip calendar.

use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime};

/// The XML declaration that every part begins with.
pub(crate) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A package that is being written.
pub(crate) struct Package<'a> {
    zip: ZipWriter<StreamWriter<&'a mut dyn Write>>,
}

impl<'a> Package<'a> {
    /// An empty package on `out`.
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            zip: ZipWriter::new_stream(out),
        }
    }

    /// Begins the XML part `name`; what is written goes into it until the next one.
    pub(crate) fn start(&mut self, name: &str) -> io::Result<()> {
        self.zip.start_file(name, compressed())?;
        self.write(XML)
    }

    /// Adds to the part that was begun last.
    pub(crate) fn write(&mut self, xml: &str) -> io::Result<()> {
        self.zip.write_all(xml.as_bytes())
    }

    /// A whole XML part; `xml` without its declaration.
    pub(crate) fn part(&mut self, name: &str, xml: &str) -> io::Result<()> {
        self.start(name)?;
        self.write(xml)
    }

    /// A whole part of bytes that are compressed already.
    pub(crate) fn bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.zip.start_file(name, stored())?;
        self.zip.write_all(bytes)
    }

    /// Writes the directory; without it nothing can be opened.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.zip.finish()?;
        Ok(())
    }
}

/// How text goes into an archive.
pub(crate) fn compressed() -> SimpleFileOptions {
    options(CompressionMethod::Deflated)
}

/// How bytes go into an archive that are compressed already.
pub(crate) fn stored() -> SimpleFileOptions {
    options(CompressionMethod::Stored)
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}

/// `docProps/core.xml`: who made the file, when (`created_at` of the answer, left out where there is none) and in which language.
pub(crate) fn core_properties(created_at: Option<&str>, language: Option<&str>) -> String {
    use crate::xml::escaped;
    let mut xml = String::from(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">",
    );
    if let Some(created_at) = created_at.filter(|time| is_w3c_time(time)) {
        xml.push_str("<dcterms:created xsi:type=\"dcterms:W3CDTF\">");
        xml.push_str(&escaped(created_at));
        xml.push_str("</dcterms:created>");
    }
    xml.push_str("<dc:creator>OCR.chat</dc:creator>");
    if let Some(language) = language {
        xml.push_str(&format!("<dc:language>{}</dc:language>", escaped(language)));
    }
    xml.push_str("</cp:coreProperties>");
    xml
}

/// Whether `time` looks like `2026-01-31T12:00:00Z`; Word calls a file with any other date damaged.
fn is_w3c_time(time: &str) -> bool {
    let shape: String = time
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let whole = shape.strip_prefix("0000-00-00T00:00:00");
    whole.is_some_and(|rest| {
        let zone = rest
            .strip_prefix('.')
            .map_or(rest, |fraction| fraction.trim_start_matches('0'));
        matches!(zone, "Z" | "+00:00" | "-00:00")
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn package() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut package = Package::new(&mut bytes);
        package.part("a.xml", "<a/>").unwrap();
        package.bytes("b.png", b"picture").unwrap();
        package.finish().unwrap();
        bytes
    }

    #[test]
    fn a_package_opens_and_is_the_same_each_time() {
        let bytes = package();
        assert_eq!(bytes, package());
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        io::Read::read_to_string(&mut archive.by_name("a.xml").unwrap(), &mut text).unwrap();
        assert_eq!(text, format!("{XML}<a/>"));
        assert_eq!(archive.by_name("b.png").unwrap().size(), 7);
    }

    #[test]
    fn only_proper_times_are_written() {
        assert!(core_properties(Some("2026-01-31T12:00:00Z"), None).contains("2026-01-31"));
        assert!(core_properties(Some("2026-01-31T12:00:00.125Z"), None).contains(".125Z"));
        assert!(!core_properties(Some("yesterday"), Some("de")).contains("created"));
    }
}
