//! `/docs`: how the API is called, with examples that can be run.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::frame::{Card, Frame};

/// What the examples are filled with.
#[derive(Debug, Clone)]
pub struct Docs {
    /// The address of the server, `https://ocr.example.com`.
    pub server: String,
    /// Name and text of a token of the visitor's; `None` for somebody who is not signed in or has none that can be shown.
    pub token: Option<(String, String)>,
}

/// The page.
pub fn docs(frame: Frame, docs: Docs) -> String {
    frame.public(|| tr!(docs.about)).document(
        || tr!(docs.title),
        move || {
            let token = docs.token.as_ref().map_or("YOUR_API_TOKEN", |(_, token)| token);
            let examples = Examples {
                server: docs.server.clone(),
                token: token.to_owned(),
            };
            let token = docs.token.map(|(name, _)| name);
            let (header, submit, poll) = (examples.header(), examples.submit(), examples.poll());
            let (download, chat, again) = (examples.download(), examples.chat(), examples.again());
            let programs = examples.programs();
            view! {
                <h1>{tr!(docs.title)}</h1>
                <p>{tr!(docs.lead)}</p>
                <dl class="facts-list">
                    <dt>{tr!(docs.base)}</dt>
                    <dd><code dir="ltr">{docs.server}</code></dd>
                    <dt>{tr!(docs.formats_in)}</dt>
                    <dd>"PNG, JPG, WEBP, GIF, BMP, TIFF, PDF"</dd>
                    <dt>{tr!(docs.formats_out)}</dt>
                    <dd>"txt, md, docx, pdf, csv, json, xlsx, html, hocr, alto"</dd>
                    <dt>{tr!(docs.engines)}</dt>
                    <dd>{tr!(docs.engines_are)}</dd>
                </dl>
                <Card id="auth" title=tr!(docs.auth) lead=tr!(docs.auth_is)>
                    {match token {
                        Some(name) => view! { <p class="told">{tr!(docs.token_yours, name = name)}</p> }.into_any(),
                        None => view! { <p><a href=href("/sign-in")>{tr!(docs.token_sign_in)}</a></p> }.into_any(),
                    }}
                    <Code text=header/>
                </Card>
                <Card id="submit" title=tr!(docs.submit) lead=tr!(docs.submit_is)>
                    <Code text=submit/>
                    <Code text=ANSWER.to_owned()/>
                </Card>
                <Card id="result" title=tr!(docs.result) lead=tr!(docs.result_is)>
                    <Code text=poll/>
                </Card>
                <Card id="download" title=tr!(docs.download) lead=tr!(docs.download_is)>
                    <Code text=download/>
                </Card>
                <Card id="chat" title=tr!(docs.chat) lead=tr!(docs.chat_is)>
                    <Code text=chat/>
                    <Code text=REPLY.to_owned()/>
                </Card>
                <Card id="examples" title=tr!(docs.examples)>
                    // Without scripts the three stand below each other; `pages.js` makes tabs of them.
                    <div class="code-tabs" data-tabs=tr!(docs.language_tabs)>
                        {programs
                            .map(|(language, text)| {
                                view! {
                                    <section data-tab=language>
                                        <h3>{language}</h3>
                                        <Code text/>
                                    </section>
                                }
                            })
                            .collect_view()}
                    </div>
                </Card>
                <Parameters/>
                <Errors/>
                <Card id="again" title=tr!(docs.again) lead=tr!(docs.again_is)>
                    <Code text=again/>
                </Card>
                <p><a href=href("/api-reference")>{tr!(docs.reference)}</a></p>
            }
        },
    )
}

/// A piece of code with a button that copies it, where scripts run.
#[component]
fn Code(text: String) -> impl IntoView {
    view! {
        <div class="code-box" dir="ltr">
            <pre class="code" tabindex="0"><code>{text.clone()}</code></pre>
            <button class="button button-small" type="button" data-copy=text hidden=true>{tr!(docs.copy)}</button>
        </div>
    }
}

#[component]
fn Parameters() -> impl IntoView {
    let rows = [
        ("file", "file", tr!(docs.p_file)),
        ("tier", "string", tr!(docs.p_tier)),
        ("language", "string", tr!(docs.p_language)),
        ("tool", "string", tr!(docs.p_tool)),
        ("translate_to", "string", tr!(docs.p_translate)),
        ("pages", "string", tr!(docs.p_pages)),
        ("store", "boolean", tr!(docs.p_store)),
    ]
    .map(|(name, kind, means)| {
        view! {
            <tr>
                <th scope="row"><code>{name}</code></th>
                <td>{kind}</td>
                <td class="words">{means}</td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <Card id="parameters" title=tr!(docs.parameters)>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col">{tr!(docs.p_name)}</th>
                        <th scope="col">{tr!(docs.p_type)}</th>
                        <th scope="col">{tr!(docs.p_is)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Card>
    }
}

#[component]
fn Errors() -> impl IntoView {
    let rows = [
        (400, tr!(docs.e_400)),
        (401, tr!(docs.e_401)),
        (402, tr!(docs.e_402)),
        (404, tr!(docs.e_404)),
        (409, tr!(docs.e_409)),
        (410, tr!(docs.e_410)),
        (422, tr!(docs.e_422)),
        (429, tr!(docs.e_429)),
    ]
    .map(|(status, means)| {
        view! {
            <tr>
                <th scope="row">{status}</th>
                <td class="words">{means}</td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <Card id="errors" title=tr!(docs.errors) lead=tr!(docs.errors_are)>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col">{tr!(docs.e_code)}</th>
                        <th scope="col">{tr!(docs.p_is)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Card>
    }
}

const ANSWER: &str = r##"{
  "uuid": "9f2c1b7e4a...",
  "status": "done",
  "tier": "vlm",
  "language": "auto",
  "page_count": 1,
  "mean_confidence": 0.98,
  "text": "INVOICE\nAcme Corp\nTotal: 215.00 USD",
  "markdown": "# INVOICE\n\n**Acme Corp** ...",
  "pages": [ { "index": 0, "text": "...", "blocks": [ { "text": "...", "bbox": [x0,y0,x1,y1], "confidence": 0.98 } ] } ]
}"##;

const REPLY: &str = r#"{"conversation": "a1b2...", "message": {
   "role": "assistant",
   "content": "The total is $42, due on March 3 (p. 1).",
   "citations": [{"page": 1, "snippet": "The invoice total is $42..."}]
}}"#;

/// The examples of the specification, with this server and this token.
struct Examples {
    server: String,
    token: String,
}

impl Examples {
    fn header(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }

    fn curl(&self, call: &str, rest: &str) -> String {
        let Self { server, token } = self;
        format!("curl {call}{server}/api/v1/{rest}").replace("TOKEN", token)
    }

    fn submit(&self) -> String {
        self.curl(
            "-X POST ",
            "ocr/ \\\n  -H \"Authorization: Bearer TOKEN\" \\\n  -F \"file=@invoice.pdf\" \\\n  -F \"tier=vlm\" \\\n  -F \"language=auto\"",
        )
    }

    fn again(&self) -> String {
        self.curl(
            "-X POST ",
            "ocr/ \\\n  -H \"Authorization: Bearer TOKEN\" \\\n  -H \"Idempotency-Key: invoice-2041\" \\\n  -F \"file=@invoice.pdf\"",
        )
    }

    fn poll(&self) -> String {
        self.curl("", "ocr/UUID/ \\\n  -H \"Authorization: Bearer TOKEN\"")
    }

    fn download(&self) -> String {
        let Self { server, token } = self;
        format!(
            "curl -L \"{server}/api/v1/ocr/UUID/download/?format=docx\" \\\n  -H \"Authorization: Bearer {token}\" -o result.docx"
        )
    }

    fn chat(&self) -> String {
        self.curl(
            "-X POST ",
            "chat/UUID/ \\\n  -H \"Authorization: Bearer TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"message\": \"What is the invoice total and due date?\"}'",
        )
    }

    /// Whole programs, by language.
    fn programs(&self) -> [(&'static str, String); 3] {
        let filled = |program: &str| {
            program
                .replace("SERVER", &self.server)
                .replace("TOKEN", &self.token)
        };
        [
            ("Python", filled(PYTHON)),
            ("Node", filled(NODE)),
            ("curl", filled(CURL)),
        ]
    }
}

const PYTHON: &str = r#"import requests, time

API = "SERVER/api/v1/ocr/"
H = {"Authorization": "Bearer TOKEN"}

# Submit
with open("invoice.pdf", "rb") as f:
    job = requests.post(API, headers=H,
        files={"file": f}, data={"tier": "vlm"}).json()

# Poll until done
while job["status"] in ("pending", "processing"):
    time.sleep(2)
    job = requests.get(API + job["uuid"] + "/", headers=H).json()

print(job["markdown"])

# Download as DOCX
r = requests.get(API + job["uuid"] + "/download/",
                 headers=H, params={"format": "docx"})
open("result.docx", "wb").write(r.content)"#;

const NODE: &str = r#"import fs from "fs";

const API = "SERVER/api/v1/ocr/";
const H = { Authorization: "Bearer TOKEN" };

const form = new FormData();
form.append("file", new Blob([fs.readFileSync("invoice.pdf")]), "invoice.pdf");
form.append("tier", "vlm");

let job = await (await fetch(API, { method: "POST", headers: H, body: form })).json();

while (["pending", "processing"].includes(job.status)) {
  await new Promise(r => setTimeout(r, 2000));
  job = await (await fetch(API + job.uuid + "/", { headers: H })).json();
}
console.log(job.markdown);"#;

const CURL: &str = r#"# 1. Submit
curl -X POST SERVER/api/v1/ocr/ \
  -H "Authorization: Bearer TOKEN" \
  -F "file=@invoice.pdf" -F "tier=vlm"

# 2. Poll (use the uuid from step 1)
curl SERVER/api/v1/ocr/UUID/ \
  -H "Authorization: Bearer TOKEN"

# 3. Download
curl -L "SERVER/api/v1/ocr/UUID/download/?format=md" \
  -H "Authorization: Bearer TOKEN" -o result.md"#;
