//! `/tools`, a page for each tool, and `/results`: what a tool found. They work without scripts.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::frame::Frame;

macro_rules! tool_words {
    ($($slug:literal: $title:ident, $description:ident;)*) => {
        /// What a tool is called and what it does, in the language that is being written; `None` for a slug without words.
        pub(crate) fn words(slug: &str) -> Option<(&'static str, &'static str)> {
            match slug {
                $($slug => Some((tr!(tools.$title), tr!(tools.$description))),)*
                _ => None,
            }
        }
    };
}

tool_words! {
    "image-to-text": image_to_text, image_to_text_is;
    "screenshot-to-text": screenshot_to_text, screenshot_to_text_is;
    "pdf-to-text": pdf_to_text, pdf_to_text_is;
    "pdf-to-word": pdf_to_word, pdf_to_word_is;
    "pdf-to-markdown": pdf_to_markdown, pdf_to_markdown_is;
    "searchable-pdf": searchable_pdf, searchable_pdf_is;
    "extract-tables": extract_tables, extract_tables_is;
    "handwriting-to-text": handwriting_to_text, handwriting_to_text_is;
    "translate": translate, translate_is;
    "receipt-to-json": receipt_to_json, receipt_to_json_is;
    "invoice-to-json": invoice_to_json, invoice_to_json_is;
    "form-to-json": form_to_json, form_to_json_is;
    "math-to-latex": math_to_latex, math_to_latex_is;
    "id-and-passport": id_and_passport, id_and_passport_is;
    "business-card": business_card, business_card_is;
    "summarise": summarise, summarise_is;
}

/// What a tool lacks on a server, and may do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A model that writes formulas.
    FormulaModel,
    /// Anything that translates.
    Translator,
}

impl Missing {
    fn words(self) -> &'static str {
        match self {
            Self::FormulaModel => tr!(tools.needs_formula),
            Self::Translator => tr!(tools.needs_translator),
        }
    }

    /// Whether the tool does nothing without it.
    fn is_essential(self) -> bool {
        self == Self::Translator
    }

    /// What a page says of it.
    fn note(self) -> String {
        if self.is_essential() {
            tr!(tools.not_here, why = self.words())
        } else {
            self.words().to_owned()
        }
    }
}

/// A tool in the list.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What it lacks on this server; `None` where it lacks nothing.
    pub missing: Option<Missing>,
    /// Credits a page.
    pub price: i64,
}

impl Tool {
    /// What it is called and what it does.
    fn words(&self) -> (&'static str, &'static str) {
        words(self.slug).unwrap_or((self.slug, ""))
    }
}

/// What people should know before they send a file.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// Hours for which a result is kept.
    pub hours: u64,
    /// Whether anything is counted on this server.
    pub is_metered: bool,
}

/// What a tool found in a document.
#[derive(Debug, Clone)]
pub struct Found {
    /// The job.
    pub uuid: String,
    /// What read it; `None` for a job without a tool.
    pub tool: Option<&'static str>,
    /// How far it has come.
    pub state: FoundState,
    /// What it is called, what it says, and the page where it stands.
    pub fields: Vec<(String, String, Option<u64>)>,
    /// The text.
    pub text: String,
    /// Formats for which it can be downloaded; the tool's own first.
    pub formats: Vec<&'static str>,
}

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundState {
    /// So many pages of so many are read.
    Reading(u32, u32),
    /// It is done.
    Done,
    /// It failed, and why.
    Failed(String),
}

/// The list of tools.
pub fn tools(frame: Frame, tools: Vec<Tool>) -> String {
    frame.public(|| tr!(site.about_home)).document(|| tr!(tools.title), move || {
        view! {
            <h1>{tr!(tools.title)}</h1>
            <p>{tr!(tools.lead)}</p>
            <ul class="tool-list">
                {tools
                    .into_iter()
                    .map(|tool| {
                        view! {
                            <li class="card">
                                <h2>
                                    <a href=href(&format!("/tools/{}", tool.slug))>{tool.words().0}</a>
                                </h2>
                                <p>{tool.words().1}</p>
                                {tool.missing.map(|why| view! { <p class="muted">{why.note()}</p> })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}

/// The page of a tool. `languages` are targets of a translation; none for other tools.
pub fn tool(
    frame: Frame,
    tool: Tool,
    keeping: Keeping,
    languages: Vec<(String, String)>,
) -> String {
    let curl = format!(
        "curl -X POST https://HOST/api/v1/ocr/ \\\n  -H \"Authorization: Bearer YOUR_API_TOKEN\" \\\n  -F \"tool={}\"{} \\\n  -F \"file=@document.pdf\"",
        tool.slug,
        if languages.is_empty() {
            ""
        } else {
            " -F \"translate_to=CODE\""
        },
    );
    let (title, description) = (move || tool.words().0, move || tool.words().1);
    frame.public(description).document(title, move || {
        view! {
            <h1>{title()}</h1>
            <p>{description()}</p>
            {tool
                .missing
                .map(|why| {
                    let class = if why.is_essential() { "told told-bad" } else { "told" };
                    view! { <p class=class>{why.note()}</p> }
                })}
            {match tool.missing {
                Some(why) if why.is_essential() => ().into_any(),
                _ => {
                    view! {
                        <section class="card" aria-labelledby="send">
                            <h2 id="send">{tr!(tools.send)}</h2>
                            <form class="form" method="post" enctype="multipart/form-data" action=href(&format!("/tools/{}", tool.slug))>
                                <input type="hidden" name="tool" value=tool.slug/>
                                {(!languages.is_empty())
                                    .then(|| {
                                        view! {
                                            <label class="field">
                                                <span>{tr!(tools.translate_to)}</span>
                                                <select name="translate_to" required=true>
                                                    {languages
                                                        .into_iter()
                                                        .map(|(code, name)| view! { <option value=code>{name}</option> })
                                                        .collect_view()}
                                                </select>
                                            </label>
                                        }
                                    })}
                                <label class="field">
                                    <span>{tr!(tools.file)}</span>
                                    <input type="file" name="file" required=true accept="image/*,application/pdf,.tif,.tiff"/>
                                    <span class="muted">
                                        {tr!(tools.kept, count = keeping.hours)}
                                        {keeping.is_metered.then(|| format!(" {}", tr!(tools.price, count = tool.price)))}
                                    </span>
                                </label>
                                <button class="button" type="submit">{tr!(tools.read)}</button>
                            </form>
                            <p class="muted">
                                {tr!(tools.device_before)}
                                <a href=href("/")>{tr!(tools.device_link)}</a>
                                "."
                            </p>
                        </section>
                    }
                        .into_any()
                }
            }}
            <section class="card" aria-labelledby="api">
                <h2 id="api">{tr!(tools.from_program)}</h2>
                <pre class="code" tabindex="0">
                    <code>{curl}</code>
                </pre>
                <p>
                    <a href=href("/docs")>{tr!(site.foot_docs)}</a>
                </p>
            </section>
        }
    })
}

/// What was found.
pub fn result(frame: Frame, found: Found) -> String {
    let slug = found.tool;
    let title = move || {
        slug.and_then(words)
            .map_or(tr!(tools.result), |(title, _)| title)
    };
    frame.document(title, move || {
        let delete = href(&format!("/results/{}/delete", found.uuid));
        let body = match found.state {
            FoundState::Reading(done, all) => {
                view! {
                    <p class="told" role="status">
                        {tr!(tools.being_read, done = done, all = all)}
                    </p>
                    <progress max=all value=done aria-label=tr!(tools.pages_read)></progress>
                }
                    .into_any()
            }
            FoundState::Failed(why) => view! { <p class="told told-bad" role="status">{why}</p> }.into_any(),
            FoundState::Done => done(&found.uuid, found.fields, found.text, found.formats).into_any(),
        };
        view! {
            <h1>{title()}</h1>
            <p class="muted">{tr!(tools.on_server)}</p>
            {body}
            <form method="post" action=delete>
                <button class="button button-small button-bad" type="submit">{tr!(tools.delete_now)}</button>
            </form>
        }
    })
}

fn done(
    uuid: &str,
    fields: Vec<(String, String, Option<u64>)>,
    text: String,
    formats: Vec<&'static str>,
) -> impl IntoView {
    let has_fields = !fields.is_empty();
    view! {
        {has_fields
            .then(|| {
                view! {
                    <section class="card" aria-labelledby="fields">
                        <h2 id="fields">{tr!(tools.fields)}</h2>
                        <table class="figures-table">
                            <thead>
                                <tr>
                                    <th scope="col">{tr!(tools.field)}</th>
                                    <th scope="col">{tr!(tools.value)}</th>
                                    <th scope="col">{tr!(tools.page)}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {fields
                                    .into_iter()
                                    .map(|(name, value, page)| {
                                        view! {
                                            <tr>
                                                <th scope="row">{name}</th>
                                                <td>{value}</td>
                                                <td>{page.map(|page| page.to_string())}</td>
                                            </tr>
                                        }
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    </section>
                }
            })}
        <section class="card" aria-labelledby="download">
            <h2 id="download">{tr!(tools.download)}</h2>
            <ul class="download-list">
                {formats
                    .into_iter()
                    .map(|format| {
                        view! {
                            <li>
                                <a class="button button-small" href=format!("/api/v1/ocr/{uuid}/download/?format={format}")>
                                    {format.to_uppercase()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
        <section class="card" aria-labelledby="text">
            <h2 id="text">{tr!(tools.text)}</h2>
            <pre class="found-text" dir="auto">{text}</pre>
        </section>
    }
}
