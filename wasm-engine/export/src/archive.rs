//! Several files as one zip archive, written in one go to a writer that cannot seek.

use std::io::{self, Write};

use zip::write::{StreamWriter, ZipWriter};

use crate::package::{compressed, stored};

/// An archive that is being written. Nothing in it depends on when it is written.
pub struct Archive<'a> {
    zip: ZipWriter<StreamWriter<&'a mut dyn Write>>,
}

impl<'a> Archive<'a> {
    /// An empty archive on `out`.
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self {
            zip: ZipWriter::new_stream(out),
        }
    }

    /// Adds a file. Names are paths with `/`; no two files have the same. `is_packed` files (Word, Excel, PDF) are compressed inside already and
    /// stored as they are.
    ///
    /// # Errors
    /// What the writer says, or that the name was given before.
    pub fn add(&mut self, name: &str, bytes: &[u8], is_packed: bool) -> io::Result<()> {
        let options = if is_packed { stored() } else { compressed() };
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)
    }

    /// Writes the directory; without it nothing can be opened.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(self) -> io::Result<()> {
        self.zip.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use std::io::Read;

    use super::*;

    #[test]
    fn what_went_in_comes_out() {
        let mut bytes = Vec::new();
        let mut archive = Archive::new(&mut bytes);
        let long = "word ".repeat(1_000);
        archive.add("ใบเสร็จ.txt", long.as_bytes(), false).unwrap();
        archive.add("b.pdf", b"%PDF", true).unwrap();
        assert!(archive.add("b.pdf", b"again", true).is_err());
        archive.finish().unwrap();
        assert!(bytes.len() < 1_000, "text is compressed");
        let mut read = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        read.by_name("ใบเสร็จ.txt")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, long);
    }
}
