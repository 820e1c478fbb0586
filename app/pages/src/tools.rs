//! `/tools`, a page for each tool, and `/results`: what a tool found. They work without scripts.

use leptos::prelude::*;

use crate::frame::Frame;

/// A tool in the list.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// Why it does not work on this server; `None` where it does.
    pub missing: Option<&'static str>,
    /// Credits a page.
    pub price: i64,
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
    frame.document("Tools", "/tools", move || {
        view! {
            <h1>"Tools"</h1>
            <p>"Each is a page to drop a file on, and a value of tool= in the API."</p>
            <ul class="tool-list">
                {tools
                    .into_iter()
                    .map(|tool| {
                        view! {
                            <li class="card">
                                <h2>
                                    <a href=format!("/tools/{}", tool.slug)>{tool.title}</a>
                                </h2>
                                <p>{tool.description}</p>
                                {tool.missing.map(|why| view! { <p class="muted">{format!("Not on this server. {why}")}</p> })}
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
    frame.document(tool.title, "/tools", move || {
        view! {
            <h1>{tool.title}</h1>
            <p>{tool.description}</p>
            {match tool.missing {
                Some(why) => view! { <p class="told told-bad">{format!("This tool does not work on this server. {why}")}</p> }.into_any(),
                None => {
                    view! {
                        <section class="card" aria-labelledby="send">
                            <h2 id="send">"Send a file"</h2>
                            <form class="form" method="post" enctype="multipart/form-data" action=format!("/tools/{}", tool.slug)>
                                <input type="hidden" name="tool" value=tool.slug/>
                                {(!languages.is_empty())
                                    .then(|| {
                                        view! {
                                            <label class="field">
                                                <span>"Translate to"</span>
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
                                    <span>"Picture or PDF"</span>
                                    <input type="file" name="file" required=true accept="image/*,application/pdf,.tif,.tiff"/>
                                    <span class="muted">
                                        {format!(
                                            "It is sent to this server and read there. The result is kept for {} hours, or until you delete it.{}",
                                            keeping.hours,
                                            if keeping.is_metered { format!(" A page costs {}.", credits(tool.price)) } else { String::new() },
                                        )}
                                    </span>
                                </label>
                                <button class="button" type="submit">"Read it"</button>
                            </form>
                            <p class="muted">
                                "To read without sending anything, use "
                                <a href="/">"the page that reads on your device"</a>
                                "."
                            </p>
                        </section>
                    }
                        .into_any()
                }
            }}
            <section class="card" aria-labelledby="api">
                <h2 id="api">"From a program"</h2>
                <pre class="code">
                    <code>{curl}</code>
                </pre>
                <p>
                    <a href="/api-reference">"API reference"</a>
                </p>
            </section>
        }
    })
}

fn credits(n: i64) -> String {
    if n == 1 {
        "1 credit".to_owned()
    } else {
        format!("{n} credits")
    }
}

/// What was found.
pub fn result(frame: Frame, found: Found) -> String {
    let title = found.tool.unwrap_or("Result");
    frame.document(title, "/tools", move || {
        let delete = format!("/results/{}/delete", found.uuid);
        let body = match found.state {
            FoundState::Reading(done, all) => {
                view! {
                    <p class="told" role="status">
                        {format!("Being read: {done} of {all} pages. This page looks again by itself.")}
                    </p>
                    <progress max=all value=done aria-label="Pages read"></progress>
                }
                    .into_any()
            }
            FoundState::Failed(why) => view! { <p class="told told-bad" role="status">{why}</p> }.into_any(),
            FoundState::Done => done(&found.uuid, found.fields, found.text, found.formats).into_any(),
        };
        view! {
            <h1>{title}</h1>
            <p class="muted">"Read on the server."</p>
            {body}
            <form method="post" action=delete>
                <button class="button button-small button-bad" type="submit">"Delete the document and its result now"</button>
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
                        <h2 id="fields">"Fields"</h2>
                        <table class="figures-table">
                            <thead>
                                <tr>
                                    <th scope="col">"Field"</th>
                                    <th scope="col">"Value"</th>
                                    <th scope="col">"Page"</th>
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
            <h2 id="download">"Download"</h2>
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
            <h2 id="text">"Text"</h2>
            <pre class="found-text" dir="auto">{text}</pre>
        </section>
    }
}
