//! Buying credits: packs, the way to the payment provider, receipts.

use leptos::prelude::*;

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
            <h2 id="credits">"Credits"</h2>
            {if packs.is_empty() {
                view! { <p class="muted">"Nothing can be bought on this server; its operator grants credits."</p> }
                    .into_any()
            } else {
                let buttons = packs
                    .into_iter()
                    .map(|pack| {
                        let label = format!("Buy {} credits for {}", pack.credits, pack.price());
                        view! {
                            <button class="button" type="submit" name="pack" value=pack.id>
                                {label}
                            </button>
                        }
                    })
                    .collect_view();
                view! {
                    <form class="row" method="post" action="/account/checkout">{buttons}</form>
                    <p class="muted">"You pay on a page of the payment provider. Credits do not expire."</p>
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
        <div class="table-scroll" role="region" aria-label="Payments" tabindex="0">
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col">"Paid"</th>
                        <th scope="col">"Credits"</th>
                        <th scope="col">"Amount"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Receipt"</th>
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
                                    <td>{payment.status.replace('_', " ")}</td>
                                    <td>
                                        {payment
                                            .receipt_url
                                            .map(|url| view! { <a href=url rel="noopener noreferrer">"Receipt"</a> })}
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

/// The way to the provider's page at `url`. A page of its own: the policy lets no form end on another host.
pub fn to_payment(frame: Frame, url: String) -> String {
    frame.document("Payment", "", move || {
        view! {
            <h1>"Payment"</h1>
            <p>"The next page belongs to the payment provider. Your credits are there as soon as it tells us that you paid."</p>
            <p class="row">
                <a class="button button-main" href=url rel="noreferrer">"Go on to the payment"</a>
                <a class="button" href="/account">"Back"</a>
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
