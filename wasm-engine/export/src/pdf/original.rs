//! The PDF as it was sent, with text laid under the content of its pages.
//!
//! A sound file gets an incremental update (ISO 32000-1, 7.5.6): its bytes stay as they are, with signatures, forms, bookmarks and tags, and
//! only the text, the pages that show it and their positions follow. A file that is encrypted, whose cross-reference is broken, or whose
//! pages are no objects of their own cannot be updated so: what its root refers to is written anew, streams as they are but decrypted. Such a
//! copy has no password any more, whoever asks for it has opened the file.
//!
//! The text comes before the page's own content, in a graphics state that nothing has touched and that it leaves as it was; whatever the
//! content does to its state, unbalanced or broken, cannot move the text.

use std::collections::BTreeMap;
use std::io::{self, Write};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Object, ObjectIdentifier};
use hayro_syntax::page::Page as SourcePage;
use ocr_chat_document::{Answer, Page};

use super::font::TextFont;
use super::objects::{Renumbering, Values};
use super::original_page::{Change, cleaned_content, page_text, push_page};
use super::own_text::{PageLines, page_lines};
use super::trailer::Trailer;
use super::writer::{PdfWriter, push_literal};
use crate::sources::PageSources;

/// Writes `file` with the text of `answer`; `Ok(None)` where it cannot be opened and nothing was written.
pub(super) fn write(
    answer: &Answer,
    file: &[u8],
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> io::Result<Option<()>> {
    let Ok(pdf) = Pdf::new_with_password(file.to_vec(), sources.password().unwrap_or("")) else {
        return Ok(None);
    };
    let Ok(trailer) = Trailer::find(file, pdf.xref().root_id()) else {
        return copy(answer, &pdf, sources, out).map(Some);
    };
    let pages_are_objects = (0..pdf.pages().len()).all(|idx| page_id(&pdf, idx).is_some());
    if pages_are_objects {
        update(answer, file, &pdf, &trailer, sources, out).map(Some)
    } else {
        copy(answer, &pdf, sources, out).map(Some)
    }
}

fn update(
    answer: &Answer,
    file: &[u8],
    pdf: &Pdf,
    trailer: &Trailer,
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = PdfWriter::new(out, trailer.size);
    writer.raw(file)?;
    if !file.ends_with(b"\n") {
        writer.raw(b"\n")?;
    }
    let font_id = writer.reserve();
    let mut font = TextFont::new();
    let mut is_used = false;
    for (idx, text) in texts(answer, sources) {
        let (Some(source), Some(id)) = (pdf.pages().get(idx), page_id(pdf, idx)) else {
            continue;
        };
        let Some(content) = page_text(source, &text, &mut font) else {
            continue;
        };
        is_used = true;
        let content_id = writer.reserve();
        writer.deflated(content_id, "", &content)?;
        let change = Change {
            own_content_id: write_cleaned(&mut writer, source, text.page)?,
            ..Change::new(text.page, content_id, font_id)
        };
        let mut values = Values::default();
        push_page(&mut values, source, &change, |_| true);
        let generation = u32::try_from(id.gen_number).unwrap_or(0);
        writer.object_of_generation(id.obj_number, generation, &values.out)?;
    }
    // A file to which nothing is added stays what it was.
    if !is_used {
        return Ok(());
    }
    font.write(font_id, &mut writer)?;
    if let Some(catalog) = catalog_with_language(answer, pdf) {
        let root = pdf.xref().root_id();
        let generation = u32::try_from(root.gen_number).unwrap_or(0);
        writer.object_of_generation(root.obj_number, generation, &catalog)?;
    }
    if trailer.is_stream {
        writer.finish_update_stream(&trailer.entries)
    } else {
        writer.finish_update_table(&trailer.entries)
    }
}

/// Everything that the root refers to, written anew.
fn copy(
    answer: &Answer,
    pdf: &Pdf,
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> io::Result<()> {
    let xref = pdf.xref();
    let mut writer = PdfWriter::new(out, 1);
    writer.header()?;
    let (root_id, pages_id, font_id) = (writer.reserve(), writer.reserve(), writer.reserve());
    let mut font = TextFont::new();
    let mut renumbering = Renumbering::new(writer.numbers());
    renumbering.assign(xref.root_id(), root_id);
    let ids: Vec<u32> = (0..pdf.pages().len())
        .map(|idx| {
            let id = writer.reserve();
            if let Some(old) = page_id(pdf, idx) {
                renumbering.assign(old, id);
            }
            id
        })
        .collect();
    let mut values = Values {
        renumbering: Some(renumbering),
        ..Values::default()
    };

    let texts: BTreeMap<usize, PageLines<'_>> = texts(answer, sources).collect();
    for (idx, (source, &id)) in pdf.pages().iter().zip(&ids).enumerate() {
        let mut change = Change::default();
        if let Some(text) = texts.get(&idx)
            && let Some(content) = page_text(source, text, &mut font)
        {
            let content_id = writer.reserve();
            writer.deflated(content_id, "", &content)?;
            change = Change {
                own_content_id: write_cleaned(&mut writer, source, text.page)?,
                ..Change::new(text.page, content_id, font_id)
            };
        }
        change.parent_id = Some(pages_id);
        push_page(&mut values, source, &change, |key| key != b"Parent");
        writer.object(id, &values.take())?;
    }
    let kids: Vec<String> = ids.iter().map(|id| format!("{id} 0 R")).collect();
    let tree = format!(
        "<</Type/Pages/Count {}/Kids[{}]>>",
        ids.len(),
        kids.join(" ")
    );
    writer.object(pages_id, tree.as_bytes())?;

    values.out.extend_from_slice(b"<<");
    if let Some(catalog) = xref.get::<Dict<'_>>(xref.root_id()) {
        values.push_entries(&catalog, |key| key != b"Pages" && key != b"Type");
        if !catalog.contains_key("Lang") {
            values
                .out
                .extend_from_slice(language_entry(answer).as_bytes());
        }
    }
    values
        .out
        .extend_from_slice(format!("/Type/Catalog/Pages {pages_id} 0 R>>").as_bytes());
    writer.object(root_id, &values.take())?;

    while let Some((old, new)) = values
        .renumbering
        .as_mut()
        .and_then(Renumbering::next_pending)
    {
        write_object(&mut writer, &mut values, new, xref.get::<Object<'_>>(old))?;
    }
    font.write(font_id, &mut writer)?;
    let info = writer.reserve();
    values.out.extend_from_slice(b"<</Producer(OCR.chat)");
    if let Some(title) = &pdf.metadata().title {
        values.out.extend_from_slice(b"/Title");
        push_literal(&mut values.out, title);
    }
    values.out.extend_from_slice(b">>");
    writer.object(info, &values.take())?;
    writer.finish_new(&format!("/Root {root_id} 0 R/Info {info} 0 R"))
}

/// Writes one object of a copy.
fn write_object(
    writer: &mut PdfWriter<'_>,
    values: &mut Values,
    id: u32,
    object: Option<Object<'_>>,
) -> io::Result<()> {
    match object {
        // The nodes of the old page tree lead to nothing but pages, which are written already.
        Some(Object::Dict(dict)) if is_page_tree(&dict) => {
            values.out.extend_from_slice(b"null");
        }
        Some(Object::Stream(stream)) => {
            values.push_stream_entries(&stream);
            return writer.stream(id, &values.take(), &stream.raw_data());
        }
        Some(object) => values.push_object(&object, 0),
        None => values.out.extend_from_slice(b"null"),
    }
    writer.object(id, &values.take())
}

/// Writes what is left of the page's own content where some of it is taken away; gives its number.
fn write_cleaned(
    writer: &mut PdfWriter<'_>,
    source: &SourcePage<'_>,
    page: &Page,
) -> io::Result<Option<u32>> {
    let Some(content) = cleaned_content(source, page) else {
        return Ok(None);
    };
    let id = writer.reserve();
    writer.deflated(id, "", &content)?;
    Ok(Some(id))
}

fn is_page_tree(dict: &Dict<'_>) -> bool {
    dict.get::<Name<'_>>("Type").as_deref() == Some(b"Pages") && dict.contains_key("Kids")
}

/// The pages with text of their own making, by their place in the file.
fn texts<'a>(
    answer: &'a Answer,
    sources: &dyn PageSources,
) -> impl Iterator<Item = (usize, PageLines<'a>)> {
    answer
        .pages
        .iter()
        .map(|page| &page.page)
        .filter(|page| page.width > 0 && page.height > 0)
        .filter_map(move |page| {
            Some((usize::try_from(page.index).ok()?, page_lines(page, sources)))
        })
}

/// The identifier of page `idx`, where the page is an object of its own.
fn page_id(pdf: &Pdf, idx: usize) -> Option<ObjectIdentifier> {
    let page = pdf.pages().get(idx)?.raw();
    let id = page.obj_id()?;
    // A page that stands directly in its parent answers with the parent's identifier.
    let object = pdf.xref().get::<Dict<'_>>(id)?;
    std::ptr::eq(object.data(), page.data()).then_some(id)
}

/// The file's catalogue with the language that was found, where it names none.
fn catalog_with_language(answer: &Answer, pdf: &Pdf) -> Option<Vec<u8>> {
    let entry = language_entry(answer);
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
    if entry.is_empty() || catalog.contains_key("Lang") {
        return None;
    }
    let mut values = Values::default();
    values.out.extend_from_slice(b"<<");
    values.push_entries(&catalog, |_| true);
    values.out.extend_from_slice(entry.as_bytes());
    values.out.extend_from_slice(b">>");
    Some(values.out)
}

/// `/Lang` for a catalogue; empty where no language was found.
pub(super) fn language_entry(answer: &Answer) -> String {
    answer
        .detected_language
        .as_ref()
        .filter(|tag| tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        .map(|tag| format!("/Lang({tag})"))
        .unwrap_or_default()
}
