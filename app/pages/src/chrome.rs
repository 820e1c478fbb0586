//! What stands around every page, of the app and of the server: head with navigation, foot, and what search engines read.

use leptos::prelude::*;
use ocr_chat_i18n::{LOCALES, Language as _, Locale, locale, tr};

use crate::frame::Visitor;

/// The address of the page at `path` in the language that is being written.
pub(crate) fn href(path: &str) -> String {
    locale().href(path)
}

/// The head of a page. `path` is its address without the language, `visitor` who looks, where that is known: the app's own pages are the
/// same for everybody.
#[component]
pub(crate) fn SiteHeader(
    path: String,
    #[prop(optional)] visitor: Option<Visitor>,
) -> impl IntoView {
    let here = path.clone();
    let link = move |to: &'static str, label: &'static str, is_view: bool| {
        let is_here = here == to || (to != "/" && here.starts_with(&format!("{to}/")));
        view! {
            // The app shows its own views without loading a page.
            <a class="nav-link" href=href(to) data-view=is_view.then_some(to) aria-current=is_here.then_some("page")>
                {label}
            </a>
        }
    };
    view! {
        <header class="header">
            <a class="brand" href=href("/") data-view="/" aria-label=tr!(site.start_page)>
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M4 11V6a2 2 0 0 1 2-2h5M21 4h5a2 2 0 0 1 2 2v5M28 21v5a2 2 0 0 1-2 2h-5M11 28H6a2 2 0 0 1-2-2v-5"/>
                    <path d="M10 12h12M10 16h12M10 20h7"/>
                </svg>
                <span>"OCR.chat"</span>
            </a>
            <nav class="header-nav" aria-label=tr!(site.menu_main)>
                {link("/tools", tr!(site.nav_tools), false)}
                {link("/languages", tr!(site.nav_languages), true)}
                {link("/history", tr!(site.nav_history), true)}
                {link("/prices", tr!(site.nav_prices), false)}
                {link("/docs", tr!(site.nav_api), false)}
            </nav>
            <nav class="header-account" aria-label=tr!(site.menu_account)>
                {match visitor {
                    None => vec![link("/account", tr!(site.nav_account), false)],
                    Some(Visitor::Anybody) => {
                        vec![link("/sign-in", tr!(site.nav_sign_in), false), link("/sign-up", tr!(site.nav_sign_up), false)]
                    }
                    Some(Visitor::SignedIn { is_admin }) => {
                        let admin = is_admin.then(|| link("/admin", tr!(site.nav_admin), false));
                        admin.into_iter().chain([link("/account", tr!(site.nav_account), false)]).collect()
                    }
                }}
                <LanguageMenu path/>
            </nav>
        </header>
    }
}

/// The languages of the interface, as links to this page in each. It opens without scripts.
#[component]
fn LanguageMenu(path: String) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="nav-link">
                <span class="visually-hidden">{tr!(site.interface_language)} ": "</span>
                <span>{locale().native_name()}</span>
            </summary>
            <ul class="menu-list">
                {LOCALES
                    .map(|other| {
                        view! {
                            <li>
                                <a
                                    href=other.href(&path)
                                    lang=other.code()
                                    hreflang=other.code()
                                    data-locale=other.code()
                                    aria-current=(other == locale()).then_some("true")
                                >
                                    {other.native_name()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </details>
    }
}

/// The foot of a page.
#[component]
pub(crate) fn SiteFooter() -> impl IntoView {
    let link =
        |to: &'static str, label: &'static str| view! { <li><a href=href(to)>{label}</a></li> };
    view! {
        <footer class="footer">
            <p class="muted">"OCR.chat. " {tr!(site.foot_line)}</p>
            <nav aria-label=tr!(site.foot_label)>
                <ul class="footer-links">
                    {link("/tools", tr!(site.nav_tools))}
                    {link("/docs", tr!(site.foot_docs))}
                    {link("/api-reference", tr!(site.foot_reference))}
                    {link("/privacy", tr!(site.foot_privacy))}
                    {link("/terms", tr!(site.foot_terms))}
                    {link("/status", tr!(site.foot_status))}
                </ul>
            </nav>
        </footer>
    }
}

/// The same page in each language, for search engines: absolute addresses under `base_url` (`https://ocr.example.com`).
pub(crate) fn alternates(base_url: &str, path: &str) -> impl IntoView + use<> {
    let address = |locale: Locale| format!("{base_url}{}", locale.href(path));
    let canonical = address(locale());
    let others = LOCALES
        .map(|other| view! { <link rel="alternate" hreflang=other.code() href=address(other)/> })
        .collect_view();
    let default = address(Locale::en);
    view! {
        <link rel="canonical" href=canonical/>
        {others}
        <link rel="alternate" hreflang="x-default" href=default/>
    }
}
