//! Buying credits: packs, the way to the payment provider, receipts.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::frame::Frame;

/// Credits that can be bought together.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name in the price list.
    pub id: String,
    /// How many.
    pub credits: i64,
    /// What they cost, in the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217, in small letters.
    pub currency: String,
}

/// What somebody paid.
#[derive(Debug, Clone)]
pub struct Payment {
    /// When.
    pub at: String,
    /// What was bought.
    pub pack: Pack,
    /// `paid`, `partly_refunded`, `refunded` or `mismatch`.
    pub status: String,
    /// The provider's receipt.
    pub receipt_url: Option<String>,
}

/// Currencies without a smaller unit, as Stripe counts them (it wants two places for the Ugandan shilling).
const WHOLE: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];

/// Currencies whose smallest unit is a thousandth.
const THOUSANDTHS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

impl Pack {
    /// What it costs, `5.00 EUR`.
    pub(crate) fn price(&self) -> String {
        let currency = self.currency.to_uppercase();
        let is_in = |list: &[&str]| list.contains(&self.currency.as_str());
        let amount = self.amount;
        if is_in(&WHOLE) {
            format!("{amount} {currency}")
        } else if is_in(&THOUSANDTHS) {
            format!("{}.{:03} {currency}", amount / 1_000, amount % 1_000)
        } else {
            format!("{}.{:02} {currency}", amount / 100, amount % 100)
        }
    }
}

/// The packs as buttons, and what was paid.
#[component]
pub(crate) fn Credits(packs: Vec<Pack>, payments: Vec<Payment>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="credits">
            <h2 id="credits">{tr!(account.credits)}</h2>
            {if packs.is_empty() {
                view! { <p class="muted">{tr!(account.nothing_sold)}</p> }
                    .into_any()
            } else {
                let buttons = packs
                    .into_iter()
                    .map(|pack| {
                        let label = tr!(account.buy, n = pack.credits, price = pack.price());
                        view! {
                            <button class="button" type="submit" name="pack" value=pack.id>
                                {label}
                            </button>
                        }
                    })
                    .collect_view();
                view! {
                    <form class="row" method="post" action=href("/account/checkout")>{buttons}</form>
                    <p class="muted">{tr!(account.buy_means)}</p>
                }
                    .into_any()
            }}
            {(!payments.is_empty()).then(|| view! { <Payments payments/> })}
        </section>
    }
}

#[component]
fn Payments(payments: Vec<Payment>) -> impl IntoView {
    view! {
        <div class="table-scroll" role="region" aria-label=tr!(account.payments) tabindex="0">
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col">{tr!(account.paid)}</th>
                        <th scope="col">{tr!(account.credits)}</th>
                        <th scope="col">{tr!(account.amount)}</th>
                        <th scope="col">{tr!(account.state)}</th>
                        <th scope="col">{tr!(account.receipt)}</th>
                    </tr>
                </thead>
                <tbody>
                    {payments
                        .into_iter()
                        .map(|payment| {
                            view! {
                                <tr>
                                    <th scope="row">{payment.at}</th>
                                    <td>{payment.pack.credits}</td>
                                    <td>{payment.pack.price()}</td>
                                    <td>{state(&payment.status)}</td>
                                    <td>
                                        {payment
                                            .receipt_url
                                            .map(|url| view! { <a href=url rel="noopener noreferrer">{tr!(account.receipt)}</a> })}
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// The state of a payment, in words; one without words as it is.
fn state(status: &str) -> String {
    match status {
        "paid" => tr!(account.state_paid),
        "partly_refunded" => tr!(account.state_partly_refunded),
        "refunded" => tr!(account.state_refunded),
        "mismatch" => tr!(account.state_mismatch),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// The way to the provider's page at `url`. A page of its own: the policy lets no form end on another host.
pub fn to_payment(frame: Frame, url: String) -> String {
    frame.document(|| tr!(account.payment), move || {
        view! {
            <h1>{tr!(account.payment)}</h1>
            <p>{tr!(account.payment_lead)}</p>
            <p class="row">
                <a class="button button-main" href=url rel="noreferrer">{tr!(account.payment_go)}</a>
                <a class="button" href=href("/account")>{tr!(account.back)}</a>
            </p>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Pack;

    fn price(amount: i64, currency: &str) -> String {
        let currency = currency.to_owned();
        Pack {
            id: String::new(),
            credits: 1,
            amount,
            currency,
        }
        .price()
    }

    #[test]
    fn prices_have_the_places_of_their_currency() {
        assert_eq!(price(1_205, "eur"), "12.05 EUR");
        assert_eq!(price(5, "usd"), "0.05 USD");
        assert_eq!(price(1_200, "jpy"), "1200 JPY");
        assert_eq!(price(1_205, "kwd"), "1.205 KWD");
    }
}
