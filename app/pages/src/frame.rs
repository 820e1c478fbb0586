//! What every page has around it: head, navigation, notice, foot.

use leptos::prelude::*;

/// Who looks at a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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

/// What a page has around its own content.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Addresses of the style sheets, in their order.
    stylesheets: Vec<String>,
    /// Address of the icon.
    icon: Option<String>,
    /// Who looks.
    visitor: Visitor,
    /// What became of the last form.
    pub notice: Option<Notice>,
    /// How wide it may become.
    pub(crate) width: Width,
}

impl Frame {
    /// For `visitor`, with the app's styles and icon.
    pub fn new(stylesheets: Vec<String>, icon: Option<String>, visitor: Visitor) -> Self {
        Self {
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

    /// The HTML document with `main` as its content. `path` is the address of the page, for the navigation.
    pub(crate) fn document<V: IntoView + 'static>(
        self,
        title: &str,
        path: &'static str,
        main: impl FnOnce() -> V,
    ) -> String {
        let title = format!("{title} - OCR.chat");
        // Everything reactive ends with the page.
        let owner = Owner::new();
        let html = owner.with(|| {
            view! {
                <html lang="en">
                    <head>
                        <meta charset="utf-8"/>
                        <meta name="viewport" content="width=device-width, initial-scale=1"/>
                        <meta name="color-scheme" content="light dark"/>
                        <title>{title}</title>
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
                        <a class="skip" href="#main">"Skip to the content"</a>
                        <Header visitor=self.visitor path/>
                        <main id="main" class="sheet-page" class:sheet-page-wide=self.width == Width::Wide>
                            {self.notice.map(|notice| view! { <Told notice/> })}
                            {main()}
                        </main>
                        <p id="told" class="visually-hidden" role="status" aria-live="polite"></p>
                    </body>
                </html>
            }
            .to_html()
        });
        owner.cleanup();
        format!("<!doctype html>{html}")
    }
}

#[component]
fn Header(visitor: Visitor, path: &'static str) -> impl IntoView {
    let link = move |href: &'static str, label: &'static str| {
        view! {
            <a class="nav-link" href=href aria-current=(href == path).then_some("page")>
                {label}
            </a>
        }
    };
    view! {
        <header class="header">
            <a class="brand" href="/" aria-label="OCR.chat, start page">
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M4 11V6a2 2 0 0 1 2-2h5M21 4h5a2 2 0 0 1 2 2v5M28 21v5a2 2 0 0 1-2 2h-5M11 28H6a2 2 0 0 1-2-2v-5"/>
                    <path d="M10 12h12M10 16h12M10 20h7"/>
                </svg>
                <span>"OCR.chat"</span>
            </a>
            <nav class="header-nav" aria-label="OCR.chat">
                {link("/tools", "Tools")}
                {link("/languages", "Languages")}
                {link("/prices", "Prices")}
                {link("/api-reference", "API")}
            </nav>
            <nav class="settings" aria-label="Account">
                {match visitor {
                    Visitor::Anybody => {
                        [link("/sign-in", "Sign in"), link("/sign-up", "Sign up")].into_iter().collect_view()
                    }
                    Visitor::SignedIn { is_admin } => {
                        is_admin
                            .then(|| link("/admin", "Administration"))
                            .into_iter()
                            .chain([link("/account", "Account")])
                            .collect_view()
                    }
                }}
            </nav>
        </header>
    }
}

#[component]
fn Told(notice: Notice) -> impl IntoView {
    // An alert is read out at once, a status when the reader is idle.
    let (role, class, text) = match notice {
        Notice::Done(text) => ("status", "told", text),
        Notice::Problem(text) => ("alert", "told told-bad", text),
    };
    view! {
        <p role=role class=class>
            {text}
        </p>
    }
}
