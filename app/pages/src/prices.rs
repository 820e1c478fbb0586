//! `/prices`: what the price list of the server says.

use leptos::prelude::*;

use crate::credits::Pack;
use crate::frame::Frame;

/// The price list.
#[derive(Debug, Clone)]
pub struct Prices {
    /// What a page costs in credits, and how it is read.
    pub pages: Vec<(&'static str, i64)>,
    /// The plans.
    pub plans: Vec<Plan>,
    /// Packs of credits; none where nobody takes money.
    pub packs: Vec<Pack>,
    /// Whether anything is counted on this server.
    pub is_metered: bool,
}

/// What a plan allows.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom it is for.
    pub name: &'static str,
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
    frame.document("Prices", "/prices", move || {
        view! {
            <h1>"Prices"</h1>
            <p>"Reading on your own device costs nothing and is not counted. These are the prices of reading on this server."</p>
            {(!prices.is_metered)
                .then(|| view! { <p class="told">"This server counts nothing: its operator has switched metering off."</p> })}
            <section class="card" aria-labelledby="page">
                <h2 id="page">"A page"</h2>
                <table class="figures-table">
                    <thead>
                        <tr>
                            <th scope="col">"How it is read"</th>
                            <th scope="col">"Credits"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {prices
                            .pages
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
                <p class="muted">"A page that fails costs nothing. Blank pages and pages that bring their text along cost as much as others."</p>
            </section>
            <section class="card" aria-labelledby="plans">
                <h2 id="plans">"Plans"</h2>
                <table class="figures-table">
                    <thead>
                        <tr>
                            <th scope="col">"Who"</th>
                            <th scope="col">"Pages free of charge"</th>
                            <th scope="col">"Pages a file"</th>
                            <th scope="col">"Results are kept"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {prices
                            .plans
                            .into_iter()
                            .map(|plan| {
                                view! {
                                    <tr>
                                        <th scope="row">{plan.name}</th>
                                        <td>{format!("{} a {}", plan.allowance, plan.period)}</td>
                                        <td>{plan.pages_per_file}</td>
                                        <td>{format!("{} hours", plan.retention_hours)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
                <p class="muted">"Days and months are those of UTC. Credits do not expire."</p>
            </section>
            <section class="card" aria-labelledby="packs">
                <h2 id="packs">"Credits"</h2>
                {if prices.packs.is_empty() {
                    view! { <p>"Nothing can be bought on this server; its operator grants credits."</p> }.into_any()
                } else {
                    let packs = prices
                        .packs
                        .into_iter()
                        .map(|pack| view! { <li>{format!("{} credits for {}", pack.credits, pack.price())}</li> })
                        .collect_view();
                    view! {
                        <ul class="packs">{packs}</ul>
                        <p><a href="/account">"Buy them on your account page"</a></p>
                    }
                        .into_any()
                }}
            </section>
        }
    })
}
