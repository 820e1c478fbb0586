//! The tools: names for what people want done, each a preset of options and of the format that comes out.

use ocr_chat_document::Tier;
use ocr_chat_engine::TextLayers;
use ocr_chat_export::ExportFormat;

/// A tool.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name in `tool=` and in addresses.
    pub slug: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// What it sets, or why it does not work here.
    pub preset: Result<Preset, &'static str>,
}

/// What a tool sets, where a request says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The engine.
    pub tier: Tier,
    /// What becomes of text that pages bring along.
    pub text_layers: TextLayers,
    /// The format of a download that asks for none.
    pub format: ExportFormat,
}

const NO_FIELDS: &str = "Reading the fields of such papers is not built yet.";

const NO_MODEL: &str = "It needs a language model, and none can be configured yet.";

const NO_HANDWRITING: &str = "No model for handwriting is here yet.";

/// All tools, in the order in which they are shown.
pub const TOOLS: [Tool; 16] = [
    works(
        "image-to-text",
        "Image to text",
        "Reads the text of a picture or a scan.",
        ExportFormat::Txt,
    ),
    works(
        "screenshot-to-text",
        "Screenshot to text",
        "Reads the text of a screenshot, light or dark.",
        ExportFormat::Txt,
    ),
    works(
        "pdf-to-text",
        "PDF to text",
        "Reads the text of all pages of a PDF, scanned or not.",
        ExportFormat::Txt,
    ),
    works(
        "pdf-to-word",
        "PDF to Word",
        "Makes a Word document with headings, lists and tables.",
        ExportFormat::Docx,
    ),
    works(
        "pdf-to-markdown",
        "PDF to Markdown",
        "Makes Markdown with headings, lists and tables.",
        ExportFormat::Md,
    ),
    works(
        "searchable-pdf",
        "Searchable PDF",
        "Lays invisible text under the pages, so that they can be searched and copied.",
        ExportFormat::Pdf,
    ),
    works(
        "extract-tables",
        "Extract tables",
        "Finds the tables of a document and writes their cells as CSV; a document without tables gives its lines.",
        ExportFormat::Csv,
    ),
    waits(
        "handwriting-to-text",
        "Handwriting to text",
        "Reads handwriting.",
        NO_HANDWRITING,
    ),
    waits(
        "translate",
        "Translate",
        "Reads a document and translates it.",
        "No translator can be configured yet.",
    ),
    waits(
        "receipt-to-json",
        "Receipt to JSON",
        "Finds shop, date, items and total of a receipt.",
        NO_FIELDS,
    ),
    waits(
        "invoice-to-json",
        "Invoice to JSON",
        "Finds seller, number, dates, items and amounts of an invoice.",
        NO_FIELDS,
    ),
    waits(
        "form-to-json",
        "Form to JSON",
        "Finds the fields of a form with what was filled in.",
        NO_FIELDS,
    ),
    waits(
        "math-to-latex",
        "Math to LaTeX",
        "Writes formulas as LaTeX.",
        "No model for formulas is here yet.",
    ),
    waits(
        "id-and-passport",
        "ID and passport",
        "Reads the machine-readable zone of a passport or an identity card.",
        NO_FIELDS,
    ),
    waits(
        "business-card",
        "Business card",
        "Finds name, company and addresses on a business card.",
        NO_FIELDS,
    ),
    waits(
        "summarise",
        "Summarise",
        "Says in short what a document says.",
        NO_MODEL,
    ),
];

const fn works(
    slug: &'static str,
    title: &'static str,
    description: &'static str,
    format: ExportFormat,
) -> Tool {
    Tool {
        slug,
        title,
        description,
        preset: Ok(Preset {
            tier: Tier::Cpu,
            text_layers: TextLayers::Auto,
            format,
        }),
    }
}

const fn waits(
    slug: &'static str,
    title: &'static str,
    description: &'static str,
    why: &'static str,
) -> Tool {
    Tool {
        slug,
        title,
        description,
        preset: Err(why),
    }
}

/// The tool called `slug`.
pub fn find(slug: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_found_by_its_own_slug() {
        for tool in &TOOLS {
            let found = find(tool.slug).unwrap();
            assert_eq!(found.title, tool.title);
            assert!(tool.description.ends_with('.'));
            assert!(
                tool.slug
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-')
            );
        }
        assert!(find("").is_none() && find("pdf-to-gold").is_none());
    }
}
