//! `/prices`: what the price list of the server says.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::credits::Pack;
use crate::frame::Frame;

/// The price list.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Credits for a page of the cpu tier.
    pub cpu: i64,
    /// Credits for a page of the vlm tier.
    pub vlm: i64,
    /// Credits for an answer of chat.
    pub chat: i64,
    /// The plans.
    pub plans: Vec<Plan>,
    /// Packs of credits; none where nobody takes money.
    pub packs: Vec<Pack>,
    /// Whether anything is counted on this server.
    pub is_metered: bool,
}

/// Whom a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, by IP address.
    Anonymous,
    /// An account.
    Account,
    /// An account that has bought credits.
    Paid,
}

impl Who {
    fn words(self) -> &'static str {
        match self {
            Self::Anonymous => tr!(account.plan_anonymous),
            Self::Account => tr!(account.plan_free),
            Self::Paid => tr!(account.plan_paid),
        }
    }
}

/// What a plan allows.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom it is for.
    pub who: Who,
    /// Pages of its allowance.
    pub allowance: i64,
    /// `day` or `month`.
    pub period: &'static str,
    /// Pages that a file may have.
    pub pages_per_file: u32,
    /// Hours that results are kept.
    pub retention_hours: u64,
}

/// The page.
pub fn prices(frame: Frame, prices: Prices) -> String {
    frame.public(|| tr!(account.prices_lead)).document(|| tr!(account.prices), move || {
        view! {
            <h1>{tr!(account.prices)}</h1>
            <p>{tr!(account.prices_lead)}</p>
            {(!prices.is_metered)
                .then(|| view! { <p class="told">{tr!(account.unmetered)}</p> })}
            <section class="card" aria-labelledby="page">
                <h2 id="page">{tr!(account.price_page)}</h2>
                <table class="figures-table">
                    <thead>
                        <tr>
                            <th scope="col">{tr!(account.price_how)}</th>
                            <th scope="col">{tr!(account.credits)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {[
                            (tr!(account.price_cpu), prices.cpu),
                            (tr!(account.price_vlm), prices.vlm),
                            (tr!(account.price_chat), prices.chat),
                        ]
                            .into_iter()
                            .map(|(what, credits)| {
                                view! {
                                    <tr>
                                        <th scope="row">{what}</th>
                                        <td>{credits}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
                <p class="muted">{tr!(account.price_failed)}</p>
            </section>
            <section class="card" aria-labelledby="plans">
                <h2 id="plans">{tr!(account.plans)}</h2>
                <table class="figures-table">
                    <thead>
                        <tr>
                            <th scope="col">{tr!(account.plan_who)}</th>
                            <th scope="col">{tr!(account.plan_pages)}</th>
                            <th scope="col">{tr!(account.plan_file)}</th>
                            <th scope="col">{tr!(account.plan_kept)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {prices
                            .plans
                            .into_iter()
                            .map(|plan| {
                                view! {
                                    <tr>
                                        <th scope="row">{plan.who.words()}</th>
                                        <td>
                                            {match plan.period {
                                                "day" => tr!(account.plan_day, n = plan.allowance),
                                                _ => tr!(account.plan_month, n = plan.allowance),
                                            }}
                                        </td>
                                        <td>{plan.pages_per_file}</td>
                                        <td>{tr!(account.n_hours, count = plan.retention_hours)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
                <p class="muted">{tr!(account.plans_utc)}</p>
            </section>
            <section class="card" aria-labelledby="packs">
                <h2 id="packs">{tr!(account.credits)}</h2>
                {if prices.packs.is_empty() {
                    view! { <p>{tr!(account.nothing_sold)}</p> }.into_any()
                } else {
                    let packs = prices
                        .packs
                        .into_iter()
                        .map(|pack| view! { <li>{tr!(account.pack, n = pack.credits, price = pack.price())}</li> })
                        .collect_view();
                    view! {
                        <ul class="packs">{packs}</ul>
                        <p><a href=href("/account")>{tr!(account.pack_buy)}</a></p>
                    }
                        .into_any()
                }}
            </section>
        }
    })
}
