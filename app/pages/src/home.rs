//! The app's pages as the server sends them: what can be read before any script has loaded, and by search engines.
//!
//! The app puts its own view in the place of `#app` when it starts; what is outside of it stays.

use leptos::prelude::*;
use ocr_chat_i18n::{Language as _, Locale, tr, within};

use crate::chrome::{SiteFooter, SiteHeader, alternates, href};
use crate::tools;

/// A view of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppView {
    /// `/`: files and their text.
    Files,
    /// `/languages`.
    Languages,
    /// `/history`.
    History,
}

impl AppView {
    /// The view at `path`, an address without its language; `None` where the app has none.
    pub fn at(path: &str) -> Option<Self> {
        match path {
            "/" | "/index.html" => Some(Self::Files),
            "/languages" | "/languages/" => Some(Self::Languages),
            "/history" | "/history/" => Some(Self::History),
            _ => None,
        }
    }

    /// Its address, without the language.
    pub fn path(self) -> &'static str {
        match self {
            Self::Files => "/",
            Self::Languages => "/languages",
            Self::History => "/history",
        }
    }
}

/// A language that the engine reads, in the list of languages.
#[derive(Debug, Clone, Copy)]
pub struct ReadLanguage {
    /// Its code (BCP 47).
    pub tag: &'static str,
    /// English name.
    pub name: &'static str,
    /// What its readers call it.
    pub native_name: &'static str,
    /// Its script, in English.
    pub script: &'static str,
}

/// The parts of the app's page that depend on address and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPage {
    /// `lang` of the document.
    pub lang: &'static str,
    /// `dir` of the document.
    pub dir: &'static str,
    /// Title, description and addresses in other languages, for the `head`.
    pub head: String,
    /// The content of `body`.
    pub body: String,
}

/// The page of a view in a language. `base_url` begins absolute addresses; `languages` are those of the view [`AppView::Languages`].
pub fn app_page(
    view: AppView,
    locale: Locale,
    base_url: &str,
    languages: &[ReadLanguage],
) -> AppPage {
    let owner = Owner::new();
    let page = owner.with(|| {
        within(locale, || AppPage {
            lang: locale.code(),
            dir: locale.direction(),
            head: head(view, base_url),
            body: body(view, languages),
        })
    });
    owner.cleanup();
    page
}

fn head(view: AppView, base_url: &str) -> String {
    let (title, about) = match view {
        AppView::Files => (tr!(site.title_home).to_owned(), tr!(site.about_home)),
        AppView::Languages => (
            format!("{} - OCR.chat", tr!(site.title_languages)),
            tr!(site.about_languages),
        ),
        AppView::History => (
            format!("{} - OCR.chat", tr!(site.title_history)),
            tr!(site.about_history),
        ),
    };
    view! {
        <title>{title}</title>
        <meta name="description" content=about/>
        {alternates(base_url, view.path())}
    }
    .to_html()
}

fn body(view: AppView, languages: &[ReadLanguage]) -> String {
    let main = match view {
        AppView::Files => view! { <Start/> }.into_any(),
        AppView::Languages => view! { <Languages languages=languages.to_vec()/> }.into_any(),
        AppView::History => view! {
            <main id="main" class="page">
                <h1 class="languages-title">{tr!(site.title_history)}</h1>
                <p class="muted">{tr!(site.loading)}</p>
            </main>
        }
        .into_any(),
    };
    let is_files = view == AppView::Files;
    view! {
        <a class="skip" href="#main">{tr!(site.skip)}</a>
        <SiteHeader path=view.path().to_owned()/>
        <div id="app" class="app">{main}</div>
        <noscript>
            <p class="notice">
                {tr!(site.needs_scripts)} " " <a href=href("/tools")>{tr!(site.nav_tools)}</a>
            </p>
        </noscript>
        <div id="about" class="about" hidden=!is_files>
            <About/>
        </div>
        <SiteFooter/>
    }
    .to_html()
}

/// The page before the first file, as the app draws it. Files can be chosen before the app is there; it takes them up.
#[component]
fn Start() -> impl IntoView {
    let place = |label: &'static str, is_checked: bool| {
        view! {
            <label class="switch-option">
                <input type="radio" name="place" checked=is_checked/>
                <span>{label}</span>
            </label>
        }
    };
    let select = |label: &'static str, option: String| {
        view! {
            <label class="select">
                <span class="visually-hidden">{label}</span>
                <select>
                    <option>{option}</option>
                </select>
            </label>
        }
    };
    view! {
        <main id="main" class="page page-empty">
            <div class="settings">
                <fieldset class="switch">
                    <legend class="visually-hidden">{tr!(site.place_legend)}</legend>
                    {place(tr!(site.place_device), true)}
                    {place(tr!(site.place_server), false)}
                </fieldset>
                {select(tr!(site.text_language), tr!(site.any_language).to_owned())}
                {select(tr!(site.reading_model), tr!(site.model_quick, size = "7 MB"))}
            </div>
            <section class="hero">
                <h1 class="hero-title">{tr!(site.hero_title)}</h1>
                <p class="hero-lead">{tr!(site.hero_lead)}</p>
                <div class="drop">
                    <svg class="drop-art" viewBox="0 0 96 72" aria-hidden="true">
                        <rect class="drop-sheet" x="26" y="6" width="44" height="58" rx="4"/>
                        <path class="drop-lines" d="M35 20h26M35 29h26M35 38h18"/>
                        <path class="drop-scan" d="M16 47h64"/>
                    </svg>
                    <div class="row drop-row">
                        <label class="button button-main" for="early-files">{tr!(site.choose_files)}</label>
                        <label class="button" for="early-photo">{tr!(files.take_photo)}</label>
                    </div>
                    <input id="early-files" class="visually-hidden" type="file" multiple=true accept="image/*,application/pdf,.tif,.tiff"/>
                    <input id="early-photo" class="visually-hidden" type="file" accept="image/*" capture="environment"/>
                    <p class="drop-hint">{tr!(site.drop_hint)}</p>
                    <p class="drop-formats">"PNG, JPEG, WEBP, GIF, BMP, TIFF, HEIC, PDF"</p>
                </div>
            </section>
        </main>
    }
}

#[component]
fn Languages(languages: Vec<ReadLanguage>) -> impl IntoView {
    let count = tr!(site.n_languages, count = languages.len());
    let rows = languages
        .into_iter()
        .map(|language| {
            let own_name = (language.native_name != language.name).then(|| {
                view! { <span class="own-name" lang=language.tag dir="auto">{language.native_name}</span> }
            });
            view! {
                <tr>
                    <th scope="row">{language.name} " " {own_name}</th>
                    <td class="column-wide"><code>{language.tag}</code></td>
                    <td>{language.script}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <main id="main" class="page languages">
            <h1 class="languages-title">{tr!(site.title_languages)}</h1>
            <p class="languages-lead">{tr!(site.languages_lead)}</p>
            <p class="muted">{count}</p>
            <table class="language-table">
                <thead>
                    <tr>
                        <th scope="col">{tr!(site.column_language)}</th>
                        <th scope="col" class="column-wide">{tr!(site.column_code)}</th>
                        <th scope="col">{tr!(site.column_script)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </main>
    }
}

/// Tools that the start page names.
const SHOWN_TOOLS: [&str; 6] = [
    "image-to-text",
    "pdf-to-word",
    "extract-tables",
    "receipt-to-json",
    "searchable-pdf",
    "translate",
];

/// What the start page says below the place for files.
#[component]
fn About() -> impl IntoView {
    let tools = SHOWN_TOOLS
        .into_iter()
        .filter_map(|slug| {
            let (title, description) = tools::words(slug)?;
            let address = href(&format!("/tools/{slug}"));
            Some(view! {
                <li class="card">
                    <h3><a href=address>{title}</a></h3>
                    <p>{description}</p>
                </li>
            })
        })
        .collect_view();
    let steps = [
        (tr!(site.how_1_title), tr!(site.how_1)),
        (tr!(site.how_2_title), tr!(site.how_2)),
        (tr!(site.how_3_title), tr!(site.how_3)),
    ]
    .map(|(title, text)| view! { <li><h3>{title}</h3><p>{text}</p></li> })
    .collect_view();
    let questions = [
        (tr!(site.faq_1_q), tr!(site.faq_1_a)),
        (tr!(site.faq_2_q), tr!(site.faq_2_a)),
        (tr!(site.faq_3_q), tr!(site.faq_3_a)),
        (tr!(site.faq_4_q), tr!(site.faq_4_a)),
        (tr!(site.faq_5_q), tr!(site.faq_5_a)),
    ]
    .map(|(question, answer)| {
        view! {
            <details class="faq">
                <summary>{question}</summary>
                <p>{answer}</p>
            </details>
        }
    })
    .collect_view();
    view! {
        <section aria-labelledby="does">
            <h2 id="does">{tr!(site.does_title)}</h2>
            <ul class="about-tools">{tools}</ul>
            <p><a href=href("/tools")>{tr!(site.all_tools)}</a></p>
        </section>
        <section aria-labelledby="how">
            <h2 id="how">{tr!(site.how_title)}</h2>
            <ol class="about-steps">{steps}</ol>
        </section>
        <section aria-labelledby="private">
            <h2 id="private">{tr!(site.private_title)}</h2>
            <ul class="about-list">
                <li>{tr!(site.private_1)}</li>
                <li>{tr!(site.private_2)}</li>
                <li>{tr!(site.private_3)}</li>
            </ul>
            <p><a href=href("/privacy")>{tr!(site.private_more)}</a></p>
        </section>
        <section aria-labelledby="programs">
            <h2 id="programs">{tr!(site.dev_title)}</h2>
            <p>{tr!(site.dev_1)}</p>
            <p><a href=href("/docs")>{tr!(site.dev_more)}</a></p>
        </section>
        <section aria-labelledby="questions">
            <h2 id="questions">{tr!(site.faq_title)}</h2>
            {questions}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_language_and_where_it_is_in_others() {
        let page = app_page(AppView::Files, Locale::th, "https://ocr.example.com", &[]);
        assert_eq!((page.lang, page.dir), ("th", "ltr"));
        assert!(page.head.contains("<title>OCR.chat: แปลง"), "{}", page.head);
        let own = "rel=\"canonical\" href=\"https://ocr.example.com/th\"";
        assert!(page.head.contains(own), "{}", page.head);
        let arabic = "hreflang=\"ar\" href=\"https://ocr.example.com/ar\"";
        assert!(page.head.contains(arabic), "{}", page.head);
        assert!(page.body.contains("href=\"/th/privacy\""), "{}", page.body);
        let page = app_page(
            AppView::Languages,
            Locale::ar,
            "https://ocr.example.com",
            &[],
        );
        assert_eq!(page.dir, "rtl");
        assert!(page.body.contains("id=\"about\" hidden"), "{}", page.body);
    }

    #[test]
    fn views_have_their_addresses() {
        for view in [AppView::Files, AppView::Languages, AppView::History] {
            assert_eq!(AppView::at(view.path()), Some(view));
        }
        assert_eq!(AppView::at("/nothing"), None);
    }
}
