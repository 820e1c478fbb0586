//! The end of a PDF file: what an update of it has to name.

use hayro_syntax::object::{Array, Dict, FromBytes as _, ObjectIdentifier, String as PdfString};

use super::writer::push_literal;

/// Cross-reference sections followed before a chain is taken for a circle.
const MAX_SECTIONS: usize = 100;

/// Objects checked at their positions in each section; damage by transport or editing moves everything behind it.
const MAX_CHECKED: usize = 5_000;

/// What a file says at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trailer {
    /// The first object number that is free.
    pub(super) size: u32,
    /// Whether the file's last cross-reference is a stream rather than a table.
    pub(super) is_stream: bool,
    /// Entries of an update's trailer: root, info, identifier and the position of the cross-reference before.
    pub(super) entries: String,
}

/// Why a file cannot be updated in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotUpdatable {
    /// What is appended would have to be encrypted.
    Encrypted,
    /// The positions of the objects are not where the file says.
    Broken,
}

impl Trailer {
    /// Reads the end of `file`, whose root the reader has found to be `root`.
    pub(super) fn find(file: &[u8], root: ObjectIdentifier) -> Result<Self, NotUpdatable> {
        // Positions count from the first byte; readers disagree about files with something in front.
        if !file.starts_with(b"%PDF-") {
            return Err(NotUpdatable::Broken);
        }
        let start = last_xref(file).ok_or(NotUpdatable::Broken)?;
        let section = Section::read(file, start).ok_or(NotUpdatable::Broken)?;
        if section.dict.contains_key("Encrypt") {
            return Err(NotUpdatable::Encrypted);
        }
        let named = section.dict.get_ref("Root").ok_or(NotUpdatable::Broken)?;
        if ObjectIdentifier::from(named) != root {
            return Err(NotUpdatable::Broken);
        }
        let size = check_chain(file, start).ok_or(NotUpdatable::Broken)?;
        let mut entries = format!("/Root {} {} R", named.obj_number, named.gen_number);
        if let Some(info) = section.dict.get_ref("Info") {
            entries.push_str(&format!("/Info {} {} R", info.obj_number, info.gen_number));
        }
        if let Some(id) = section.dict.get::<Array<'_>>("ID") {
            let halves: Vec<String> = id.iter::<PdfString<'_>>().map(|half| hex(&half)).collect();
            if halves.len() == 2 {
                entries.push_str(&format!("/ID[{}]", halves.concat()));
            }
        }
        entries.push_str(&format!("/Prev {start}"));
        Ok(Self {
            size,
            is_stream: section.is_stream,
            entries,
        })
    }
}

/// One cross-reference section.
struct Section<'a> {
    dict: Dict<'a>,
    is_stream: bool,
    /// The entries of a table; nothing for a stream.
    table: &'a [u8],
}

impl<'a> Section<'a> {
    fn read(file: &'a [u8], start: usize) -> Option<Self> {
        let rest = file.get(start..)?.trim_ascii_start();
        if let Some(table) = rest.strip_prefix(b"xref") {
            let end = find(table, b"trailer")?;
            let dict = Dict::from_bytes(table[end + b"trailer".len()..].trim_ascii_start())?;
            return Some(Self {
                dict,
                is_stream: false,
                table: &table[..end],
            });
        }
        let body = rest.get(..64.min(rest.len()))?;
        let at = find(body, b"obj")?;
        body[..at]
            .iter()
            .all(|b| b.is_ascii_digit() || b.is_ascii_whitespace())
            .then_some(())?;
        let dict = Dict::from_bytes(rest[at + 3..].trim_ascii_start())?;
        dict.contains_key("W").then_some(Self {
            dict,
            is_stream: true,
            table: &[],
        })
    }

    /// Whether the objects of the table stand where it says; `None` for a table that cannot be read. Gives the number behind the highest.
    fn check(&self, file: &[u8]) -> Option<u32> {
        let mut words = self
            .table
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let mut end = 0;
        let mut n_checked = 0;
        while let Some(first) = words.next() {
            let first: u32 = parsed(first)?;
            let n_entries: u32 = parsed(words.next()?)?;
            end = end.max(first.checked_add(n_entries)?);
            for id in first..first.checked_add(n_entries)? {
                let position: usize = parsed(words.next()?)?;
                let _generation = words.next()?;
                let is_used = words.next()? == b"n";
                // Position 0 marks a hole in what some writers call used.
                if is_used && position > 0 && n_checked < MAX_CHECKED {
                    n_checked += 1;
                    let number: Vec<u8> = file
                        .get(position..)?
                        .trim_ascii_start()
                        .iter()
                        .copied()
                        .take_while(u8::is_ascii_digit)
                        .collect();
                    if parsed::<u32>(&number) != Some(id) {
                        return None;
                    }
                }
            }
        }
        Some(end)
    }
}

/// The number behind the highest that any section names; `None` where one of them is broken.
fn check_chain(file: &[u8], start: usize) -> Option<u32> {
    let mut size = 0;
    let mut next = Some(start);
    for _ in 0..MAX_SECTIONS {
        let Some(at) = next else {
            return (size > 0).then_some(size);
        };
        let section = Section::read(file, at)?;
        size = size.max(section.check(file)?);
        let declared: u32 = section.dict.get("Size")?;
        size = size.max(declared);
        next = match section.dict.get::<u32>("Prev") {
            // A hybrid file's tables are mirrored in streams; the tables are complete for what an update needs.
            Some(before) => Some(usize::try_from(before).ok()?),
            None => None,
        };
    }
    None
}

/// The position behind the last `startxref`.
fn last_xref(file: &[u8]) -> Option<usize> {
    const KEYWORD: &[u8] = b"startxref";
    let at = file
        .windows(KEYWORD.len())
        .rposition(|window| window == KEYWORD)?;
    let digits: Vec<u8> = file[at + KEYWORD.len()..]
        .trim_ascii_start()
        .iter()
        .copied()
        .take_while(u8::is_ascii_digit)
        .collect();
    parsed(&digits)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

fn parsed<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn hex(bytes: &[u8]) -> String {
    let mut literal = Vec::new();
    if bytes.iter().all(u8::is_ascii_graphic) {
        push_literal(&mut literal, bytes);
        return String::from_utf8(literal).unwrap_or_default();
    }
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("<{digits}>")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn root() -> ObjectIdentifier {
        ObjectIdentifier::new(1, 0)
    }

    fn file(position: usize, more: &str) -> Vec<u8> {
        format!(
            "%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 2\n0000000000 65535 f \n{position:010} 00000 n \ntrailer\n<</Size 2/Root 1 0 R/ID[<00FF>(ab)]{more}>>\nstartxref\n29\n%%EOF\n"
        )
        .into_bytes()
    }

    #[test]
    fn a_sound_file_tells_what_an_update_needs() {
        let trailer = Trailer::find(&file(9, ""), root()).unwrap();
        assert_eq!(trailer.size, 2);
        assert!(!trailer.is_stream);
        assert_eq!(trailer.entries, "/Root 1 0 R/ID[<00FF>(ab)]/Prev 29");
    }

    #[test]
    fn encrypted_and_broken_files_cannot_be_updated() {
        let encrypted = Trailer::find(&file(9, "/Encrypt 5 0 R"), root());
        assert_eq!(encrypted, Err(NotUpdatable::Encrypted));
        assert_eq!(
            Trailer::find(&file(11, ""), root()),
            Err(NotUpdatable::Broken)
        );
        assert_eq!(
            Trailer::find(&file(9, "/Prev 29"), root()),
            Err(NotUpdatable::Broken)
        );
        assert_eq!(
            Trailer::find(b"%PDF-1.4\n", root()),
            Err(NotUpdatable::Broken)
        );
        let shifted = [b"\r\n".to_vec(), file(9, "")].concat();
        assert_eq!(Trailer::find(&shifted, root()), Err(NotUpdatable::Broken));
    }
}
