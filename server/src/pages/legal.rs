//! `/privacy`, `/terms` and `/status`; `robots.txt` and `sitemap.xml`.

use std::fmt::Write;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ocr_chat_document::Tier;
use ocr_chat_i18n::{LOCALES, Language as _, Locale};
use ocr_chat_pages::legal as pages;
use pulldown_cmark::{Event, Options, Parser, html};

use crate::app::AppState;
use crate::chat::model::ChatModel;
use crate::pages::account::external_providers;
use crate::pages::page;
use crate::pages::visit::Visit;
use crate::tools::TOOLS;

/// Pages that search engines may show, without those of the tools.
const PUBLIC: [&str; 8] = [
    "/",
    "/tools",
    "/languages",
    "/prices",
    "/docs",
    "/privacy",
    "/terms",
    "/status",
];

pub(super) async fn privacy(State(state): State<AppState>, visit: Visit) -> Response {
    let own = own_text(&state, "privacy", visit.frame.here.locale).await;
    let privacy = pages::Privacy {
        hours: state.config.retention.as_secs() / 3_600,
        external: external_providers(&state),
        own,
    };
    page(StatusCode::OK, pages::privacy(visit.frame, privacy))
}

pub(super) async fn terms(State(state): State<AppState>, visit: Visit) -> Response {
    let own = own_text(&state, "terms", visit.frame.here.locale).await;
    page(StatusCode::OK, pages::terms(visit.frame, own))
}

pub(super) async fn status(State(state): State<AppState>, visit: Visit) -> Response {
    let waiting = state.db.n_waiting_pages().await;
    if let Err(error) = &waiting {
        tracing::error!(%error, "status: the database does not answer");
    }
    let status = pages::Status {
        waiting: waiting.ok(),
        models: state.reader.info(Tier::Cpu).models,
        premium: state
            .jobs
            .vision()
            .map(|provider| provider.name().to_owned()),
        chat: state
            .chat
            .as_ref()
            .map(ChatModel::provider)
            .map(str::to_owned),
        has_translator: state.jobs.has_translator(),
        version: env!("CARGO_PKG_VERSION"),
    };
    page(StatusCode::OK, pages::status(visit.frame, status))
}

/// The operator's own text of a page, `NAME.LANGUAGE.md` or else `NAME.md` in `OCR_CHAT_TEXTS_DIR`, as HTML. Read anew each time, so that a change
/// shows at once.
async fn own_text(state: &AppState, name: &str, locale: Locale) -> Option<String> {
    let folder = state.config.texts_dir.as_ref()?;
    for file in [format!("{name}.{}.md", locale.code()), format!("{name}.md")] {
        match tokio::fs::read_to_string(folder.join(&file)).await {
            Ok(markdown) => return Some(to_html(&markdown)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::error!(%error, file, "a text of the operator cannot be read"),
        }
    }
    None
}

/// Markdown as HTML. HTML within it is shown as text: the file is the operator's, but a slip in it must not break the page.
fn to_html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut text = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut text, events);
    text
}

/// What search engines may look at.
pub(super) async fn robots(State(state): State<AppState>) -> Response {
    let base = state.config.public_url();
    let mut text = String::from("User-agent: *\n");
    for path in ["/api/", "/account", "/admin", "/results/", "/history"] {
        let _ = writeln!(text, "Disallow: {path}");
        for locale in LOCALES.into_iter().filter(|locale| *locale != Locale::en) {
            let _ = writeln!(text, "Disallow: {}", locale.href(path));
        }
    }
    let _ = writeln!(text, "\nSitemap: {base}/sitemap.xml");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The public pages in all languages (sitemaps.org, with the alternates of search engines).
pub(super) async fn sitemap(State(state): State<AppState>) -> Response {
    let base = state.config.public_url();
    let tools = TOOLS.iter().map(|tool| format!("/tools/{}", tool.slug));
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for path in PUBLIC.into_iter().map(str::to_owned).chain(tools) {
        for locale in LOCALES {
            let _ = write!(xml, "<url><loc>{base}{}</loc>", locale.href(&path));
            for other in LOCALES {
                let _ = write!(
                    xml,
                    "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{base}{}\"/>",
                    other.code(),
                    other.href(&path)
                );
            }
            xml.push_str("</url>\n");
        }
    }
    xml.push_str("</urlset>\n");
    (
        [(header::CONTENT_TYPE, "application/xml; charset=utf-8")],
        xml,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn the_operator_s_markdown_is_html_and_html_in_it_is_text() {
        let html = to_html("# Terms\n\nPay *now* <script>alert(1)</script>\n\n<b>x</b>");
        assert!(html.contains("<h1>Terms</h1>"), "{html}");
        assert!(html.contains("<em>now</em>"), "{html}");
        assert!(
            !html.contains("<script>") && !html.contains("<b>"),
            "{html}"
        );
    }
}
