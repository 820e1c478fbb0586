//! `/privacy`, `/terms` and `/status`: what people want to know of a server before they trust it.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::frame::{Card, Frame};

/// What the page on privacy has to know of the server.
#[derive(Debug, Clone)]
pub struct Privacy {
    /// Hours that results are kept.
    pub hours: u64,
    /// Names of providers elsewhere that may read or answer; `None` where there is none.
    pub external: Option<String>,
    /// The operator's own text in its place, as HTML.
    pub own: Option<String>,
}

/// `/privacy`.
pub fn privacy(frame: Frame, privacy: Privacy) -> String {
    frame.public(|| tr!(legal.privacy_about)).document(
        || tr!(legal.privacy),
        move || {
            let Privacy {
                hours,
                external,
                own,
            } = privacy;
            if let Some(html) = own {
                return view! { <div class="prose" inner_html=html></div> }.into_any();
            }
            let elsewhere = match external {
                Some(names) => tr!(legal.elsewhere_some, names = names),
                None => tr!(legal.elsewhere_none).to_owned(),
            };
            view! {
                <h1>{tr!(legal.privacy)}</h1>
                <p>{tr!(legal.privacy_about)}</p>
                <Card id="device" title=tr!(legal.on_device)>
                    <p>{tr!(legal.on_device_1)}</p>
                    <p>{tr!(legal.on_device_2)}</p>
                </Card>
                <Card id="server" title=tr!(legal.on_server)>
                    <p>{tr!(legal.on_server_1)}</p>
                    <p>{tr!(legal.on_server_2, count = hours)}</p>
                    <p>{tr!(legal.on_server_3)}</p>
                </Card>
                <Card id="elsewhere" title=tr!(legal.elsewhere)>
                    <p>{elsewhere}</p>
                </Card>
                <Card id="accounts" title=tr!(legal.account)>
                    <p>{tr!(legal.account_1)}</p>
                    <p>{tr!(legal.account_2)}</p>
                </Card>
            }
            .into_any()
        },
    )
}

/// `/terms`. `own` is the operator's text, as HTML.
pub fn terms(frame: Frame, own: Option<String>) -> String {
    frame.public(|| tr!(legal.terms_about)).document(
        || tr!(legal.terms),
        move || {
            if let Some(html) = own {
                return view! { <div class="prose" inner_html=html></div> }.into_any();
            }
            view! {
                <h1>{tr!(legal.terms)}</h1>
                <p class="muted">{tr!(legal.terms_own)}</p>
                <Card id="use" title=tr!(legal.terms_use)>
                    <p>{tr!(legal.terms_use_1)}</p>
                    <p>{tr!(legal.terms_use_2)}</p>
                </Card>
                <Card id="payment" title=tr!(legal.terms_pay)>
                    <p>{tr!(legal.terms_pay_1)}</p>
                    <p>{tr!(legal.terms_pay_2)}</p>
                </Card>
                <Card id="refunds" title=tr!(legal.terms_refund)>
                    <p>{tr!(legal.terms_refund_1)}</p>
                </Card>
            }
            .into_any()
        },
    )
}

/// The state of a server.
#[derive(Debug, Clone)]
pub struct Status {
    /// Pages that wait or are being read; `None` when the database does not answer.
    pub waiting: Option<i64>,
    /// Names of the reading models.
    pub models: Vec<String>,
    /// The model that reads tier=vlm; `None` for the local pipeline.
    pub premium: Option<String>,
    /// The model that answers questions; `None` where documents answer in their own words.
    pub chat: Option<String>,
    /// Whether anything can be translated.
    pub has_translator: bool,
    /// Version of the server.
    pub version: &'static str,
}

/// `/status`.
pub fn status(frame: Frame, status: Status) -> String {
    frame.public(|| tr!(legal.status_about)).document(
        || tr!(legal.status),
        move || {
            let (class, news) = match (status.waiting, status.models.is_empty()) {
                (None, _) => ("told told-bad", tr!(legal.status_bad)),
                (_, true) => ("told told-bad", tr!(legal.status_models)),
                _ => ("told", tr!(legal.status_ok)),
            };
            let works = |does: bool| {
                if does {
                    tr!(legal.s_yes)
                } else {
                    tr!(legal.s_no)
                }
            };
            let none = || tr!(legal.s_none).to_owned();
            let rows = [
                (tr!(legal.s_device), tr!(legal.s_device_is).to_owned()),
                (
                    tr!(legal.s_database),
                    works(status.waiting.is_some()).to_owned(),
                ),
                (
                    tr!(legal.s_waiting),
                    status.waiting.map_or_else(none, |n| n.to_string()),
                ),
                (
                    tr!(legal.s_models),
                    if status.models.is_empty() {
                        none()
                    } else {
                        status.models.join(", ")
                    },
                ),
                (
                    tr!(legal.s_premium),
                    status
                        .premium
                        .unwrap_or_else(|| tr!(legal.s_local).to_owned()),
                ),
                (
                    tr!(legal.s_chat),
                    status
                        .chat
                        .unwrap_or_else(|| tr!(legal.s_own_words).to_owned()),
                ),
                (
                    tr!(legal.s_translate),
                    works(status.has_translator).to_owned(),
                ),
                (tr!(legal.s_version), status.version.to_owned()),
            ]
            .map(|(name, state)| {
                view! {
                    <dt>{name}</dt>
                    <dd>{state}</dd>
                }
            })
            .collect_view();
            view! {
                <h1>{tr!(legal.status)}</h1>
                <p class=class>{news}</p>
                <dl class="facts-list">{rows}</dl>
            }
        },
    )
}
