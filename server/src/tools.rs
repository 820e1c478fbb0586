//! The tools: names for what people want done, each a preset of options and of the format that comes out.

use ocr_chat_document::Tier;
use ocr_chat_engine::TextLayers;
use ocr_chat_export::ExportFormat;
use ocr_chat_fields::Paper;

/// A tool.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name in `tool=` and in addresses.
    pub slug: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// What it cannot work, or cannot do its best, without.
    pub needs: Option<Need>,
    /// What it sets.
    pub preset: Preset,
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
    /// What the document is taken for, where its fields are wanted.
    pub fields: Option<Paper>,
}

/// What is there of what tools need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Available {
    /// Something that translates.
    pub translator: bool,
    /// A model that writes formulas.
    pub formulas: bool,
}

/// What some tools cannot work, or cannot do their best, without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A model that writes formulas.
    FormulaModel,
    /// Something that translates.
    Translator,
}

impl Need {
    /// The name in the list of tools.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FormulaModel => "formula_model",
            Self::Translator => "translator",
        }
    }

    /// What a tool that needs it lacks; `None` where it is there.
    pub fn missing(self, available: Available) -> Option<&'static str> {
        match self {
            Self::FormulaModel if available.formulas => None,
            Self::FormulaModel => Some(
                "No model that writes formulas is configured here: each is given as its picture and the signs that were read.",
            ),
            Self::Translator if available.translator => None,
            Self::Translator => Some("It needs a translator, and none is configured here."),
        }
    }

    /// Whether nothing comes of a tool without it.
    pub fn is_essential(self) -> bool {
        self == Self::Translator
    }
}

impl Tool {
    /// What the tool lacks on this server; `None` where it lacks nothing.
    pub fn missing(&self, available: Available) -> Option<&'static str> {
        self.needs.and_then(|need| need.missing(available))
    }

    /// Why the tool does not work on this server; `None` where it does.
    pub fn refusal(&self, available: Available) -> Option<&'static str> {
        let need = self.needs.filter(|need| need.is_essential())?;
        need.missing(available)
    }
}

/// All tools, in the order in which they are shown.
pub const TOOLS: [Tool; 16] = [
    Tool {
        slug: "image-to-text",
        title: "Image to text",
        description: "Reads the text of a picture or a scan.",
        needs: None,
        preset: gives(ExportFormat::Txt),
    },
    Tool {
        slug: "screenshot-to-text",
        title: "Screenshot to text",
        description: "Reads the text of a screenshot, light or dark.",
        needs: None,
        preset: gives(ExportFormat::Txt),
    },
    Tool {
        slug: "pdf-to-text",
        title: "PDF to text",
        description: "Reads the text of all pages of a PDF, scanned or not.",
        needs: None,
        preset: gives(ExportFormat::Txt),
    },
    Tool {
        slug: "pdf-to-word",
        title: "PDF to Word",
        description: "Makes a Word document with headings, lists and tables.",
        needs: None,
        preset: gives(ExportFormat::Docx),
    },
    Tool {
        slug: "pdf-to-markdown",
        title: "PDF to Markdown",
        description: "Makes Markdown with headings, lists and tables.",
        needs: None,
        preset: gives(ExportFormat::Md),
    },
    Tool {
        slug: "searchable-pdf",
        title: "Searchable PDF",
        description: "Lays invisible text under the pages, so that they can be searched and copied.",
        needs: None,
        preset: gives(ExportFormat::Pdf),
    },
    Tool {
        slug: "extract-tables",
        title: "Extract tables",
        description: "Finds the tables of a document and writes their cells as CSV; a document without tables gives its lines.",
        needs: None,
        preset: gives(ExportFormat::Csv),
    },
    Tool {
        slug: "handwriting-to-text",
        title: "Handwriting to text",
        description: "Reads handwriting as well as this server can: slowly, with several looks at each line.",
        needs: None,
        preset: Preset {
            tier: Tier::Vlm,
            text_layers: TextLayers::Ignore,
            ..gives(ExportFormat::Txt)
        },
    },
    Tool {
        slug: "translate",
        title: "Translate",
        description: "Reads a document and translates it.",
        needs: Some(Need::Translator),
        preset: gives(ExportFormat::Txt),
    },
    Tool {
        slug: "receipt-to-json",
        title: "Receipt to JSON",
        description: "Finds shop, address, date, items, tax and total of a receipt.",
        needs: None,
        preset: Preset {
            fields: Some(Paper::Receipt),
            ..gives(ExportFormat::Json)
        },
    },
    Tool {
        slug: "invoice-to-json",
        title: "Invoice to JSON",
        description: "Finds seller, buyer, number, dates, items, tax and total of an invoice.",
        needs: None,
        preset: Preset {
            fields: Some(Paper::Invoice),
            ..gives(ExportFormat::Json)
        },
    },
    Tool {
        slug: "form-to-json",
        title: "Form to JSON",
        description: "Finds the labels of a form and what was filled in.",
        needs: None,
        preset: Preset {
            fields: Some(Paper::Form),
            ..gives(ExportFormat::Json)
        },
    },
    Tool {
        slug: "math-to-latex",
        title: "Math to LaTeX",
        description: "Finds formulas, keeps their pictures and writes them as LaTeX where a model is there.",
        needs: Some(Need::FormulaModel),
        preset: Preset {
            tier: Tier::Vlm,
            text_layers: TextLayers::Ignore,
            ..gives(ExportFormat::Md)
        },
    },
    Tool {
        slug: "id-and-passport",
        title: "ID and passport",
        description: "Reads the machine-readable zone of a passport, a visa or an identity card and checks its digits.",
        needs: None,
        preset: Preset {
            text_layers: TextLayers::Ignore,
            fields: Some(Paper::Identity),
            ..gives(ExportFormat::Json)
        },
    },
    Tool {
        slug: "business-card",
        title: "Business card",
        description: "Finds name, title, company, telephone numbers and addresses on a business card.",
        needs: None,
        preset: Preset {
            fields: Some(Paper::BusinessCard),
            ..gives(ExportFormat::Json)
        },
    },
    Tool {
        slug: "summarise",
        title: "Summarise",
        description: "Picks the sentences that say most of a document, each with its page.",
        needs: None,
        preset: Preset {
            fields: Some(Paper::Any),
            ..gives(ExportFormat::Json)
        },
    },
];

/// The `cpu` tier with nothing special, and a download in `format`.
const fn gives(format: ExportFormat) -> Preset {
    Preset {
        tier: Tier::Cpu,
        text_layers: TextLayers::Auto,
        format,
        fields: None,
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
