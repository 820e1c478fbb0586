//! What every page has around it: head, navigation, notice, foot.

use leptos::prelude::*;
use ocr_chat_i18n::{Language as _, Locale, tr, within};

use crate::chrome::{SiteFooter, SiteHeader, alternates};

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visitor {
    /// Nobody who is signed in.
    #[default]
    Anybody,
    /// Somebody who is.
    SignedIn {
        /// Whether the pages of administration are theirs.
        is_admin: bool,
    },
}

/// What became of the form that was sent last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It was done.
    Done(String),
    /// It was not, and why.
    Problem(String),
    /// It was refused: the code of the error and its English sentence.
    Refused(&'static str, String),
}

/// An error of the API in the language that is being written: in English its own sentence, which knows the particulars.
pub(crate) fn in_words(code: &str, message: String) -> String {
    let is_english = ocr_chat_i18n::locale() == Locale::en;
    match ocr_chat_i18n::problem(code) {
        Some((title, _)) if !is_english => title.to_owned(),
        _ => message,
    }
}

/// How wide the content of a page may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Width {
    /// Text and forms.
    #[default]
    Text,
    /// Tables.
    Wide,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The language it is written in.
    pub locale: Locale,
    /// Its address without the language: `/prices`.
    pub path: String,
    /// What absolute addresses begin with: `https://ocr.example.com`.
    pub base_url: String,
}

/// What a page has around its own content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where it is.
    pub here: Here,
    /// Addresses of the style sheets, in their order.
    stylesheets: Vec<String>,
    /// Address of the icon.
    icon: Option<String>,
    /// Who looks.
    visitor: Visitor,
    /// What became of the last form.
    pub notice: Option<Notice>,
    /// What search engines show of it; `None` for a page that is not for them.
    about: Option<String>,
    /// How wide it may become.
    pub(crate) width: Width,
}

impl Frame {
    /// For `visitor`, with the app's styles and icon.
    pub fn new(
        here: Here,
        stylesheets: Vec<String>,
        icon: Option<String>,
        visitor: Visitor,
    ) -> Self {
        Self {
            here,
            about: None,
            stylesheets,
            icon,
            visitor,
            notice: None,
            width: Width::default(),
        }
    }

    /// With room for tables.
    pub(crate) fn wide(mut self) -> Self {
        self.width = Width::Wide;
        self
    }

    /// For search engines, too, which show `about`: a sentence or two, written in the language of the frame.
    pub(crate) fn public<T: Into<String>>(mut self, about: impl FnOnce() -> T) -> Self {
        self.about = Some(within(self.here.locale, about).into());
        self
    }

    /// The HTML document with `main` as its content, in the language of the frame: both are called within it.
    pub(crate) fn document<V: IntoView + 'static, T: Into<String>>(
        self,
        title: impl FnOnce() -> T,
        main: impl FnOnce() -> V,
    ) -> String {
        // Everything reactive ends with the page.
        let owner = Owner::new();
        let locale = self.here.locale;
        let html = owner.with(|| within(locale, || self.written(&title().into(), main())));
        owner.cleanup();
        format!("<!doctype html>{html}")
    }

    fn written(self, title: &str, main: impl IntoView + 'static) -> String {
        let Here {
            locale,
            path,
            base_url,
        } = self.here;
        let in_search = match self.about {
            Some(about) => view! {
                <meta name="description" content=about/>
                {alternates(&base_url, &path)}
            }
            .into_any(),
            None => view! { <meta name="robots" content="noindex"/> }.into_any(),
        };
        view! {
            <html lang=locale.code() dir=locale.direction()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <title>{format!("{title} - OCR.chat")}</title>
                    {in_search}
                    {self.icon.map(|href| view! { <link rel="icon" href=href type="image/svg+xml"/> })}
                    {self
                        .stylesheets
                        .into_iter()
                        .map(|href| view! { <link rel="stylesheet" href=href/> })
                        .collect_view()}
                    <link rel="stylesheet" href="/pages.css"/>
                    <script src="/pages.js" defer=true></script>
                </head>
                <body>
                    <a class="skip" href="#main">{tr!(site.skip)}</a>
                    <SiteHeader path visitor=self.visitor/>
                    <main id="main" class="sheet-page" class:sheet-page-wide=self.width == Width::Wide>
                        {self.notice.map(|notice| view! { <Told notice/> })}
                        {main}
                    </main>
                    <SiteFooter/>
                    <p id="told" class="visually-hidden" role="status" aria-live="polite"></p>
                </body>
            </html>
        }
        .to_html()
    }
}

#[component]
fn Told(notice: Notice) -> impl IntoView {
    // An alert is read out at once, a status when the reader is idle.
    let (role, class, text) = match notice {
        Notice::Done(text) => ("status", "told", text),
        Notice::Problem(text) => ("alert", "told told-bad", text),
        Notice::Refused(code, message) => ("alert", "told told-bad", in_words(code, message)),
    };
    view! {
        <p role=role class=class>
            {text}
        </p>
    }
}

/// A part of a page under a head of its own.
#[component]
pub(crate) fn Card(
    /// Id of the head.
    id: &'static str,
    /// The head.
    title: &'static str,
    /// What is said before the rest.
    #[prop(optional)]
    lead: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {lead.map(|lead| view! { <p>{lead}</p> })}
            {children()}
        </section>
    }
}
