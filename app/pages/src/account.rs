//! `/account`: what somebody has, used and may do.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::credits::{Credits, Pack, Payment};
use crate::form::{Confirmed, NewPassword, TextField};
use crate::frame::Frame;

/// An account as its owner sees it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its address; `None` for the operator's of a new server, and for who signs in elsewhere without a confirmed one.
    pub email: Option<String>,
    /// Whether it is the one that a new server makes, which nobody signs in to.
    pub is_operator: bool,
    /// Whether it has a password; people who sign in elsewhere need none.
    pub has_password: bool,
    /// Where a model of another provider reads for this server, its name and whether documents may go there.
    pub external: Option<(String, bool)>,
    /// The name of its plan.
    pub plan: String,
    /// What is left, or `None` where nothing is counted.
    pub balance: Option<Balance>,
    /// Its API tokens, oldest first.
    pub tokens: Vec<Token>,
    /// What was used, newest day first; days without use are left out.
    pub days: Vec<Day>,
    /// Packs of credits that can be bought; none where nobody takes money.
    pub packs: Vec<Pack>,
    /// What was paid, newest first.
    pub payments: Vec<Payment>,
    /// The address of the server, such as `https://ocr.example.com`, for the example.
    pub server: String,
}

/// What is left.
#[derive(Debug, Clone)]
pub struct Balance {
    /// Pages of the allowance that are used.
    pub used: i64,
    /// Pages of the allowance.
    pub cap: i64,
    /// `day` or `month`.
    pub period: &'static str,
    /// When the allowance begins anew, as a date and time of UTC.
    pub resets_at: String,
    /// Credits left.
    pub credits: i64,
}

/// An API token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// The name its owner gave it.
    pub name: String,
    /// The token itself; `None` where only its hash was kept.
    pub token: Option<String>,
    /// The day it was made.
    pub made: String,
    /// The day it was last used.
    pub last_used: Option<String>,
    /// Credits spent with it.
    pub spent: i64,
    /// Credits that may be spent with it.
    pub spending_cap: Option<i64>,
}

/// What was used on a day.
#[derive(Debug, Clone)]
pub struct Day {
    /// The day of UTC.
    pub date: String,
    /// Pages.
    pub pages: i64,
    /// Credits, beside the allowance.
    pub credits: i64,
}

/// The page.
pub fn account(frame: Frame, account: Account) -> String {
    frame.document(
        || tr!(account.account),
        move || {
            let Account {
                email,
                is_operator,
                has_password,
                external,
                plan,
                balance,
                tokens,
                days,
                packs,
                payments,
                server,
            } = account;
            let name = email.unwrap_or_else(|| {
                let name = if is_operator {
                    tr!(account.operator)
                } else {
                    tr!(account.no_email)
                };
                name.to_owned()
            });
            view! {
                <h1>{tr!(account.account)}</h1>
                <p class="muted">{tr!(account.who, name = name, plan = plan)}</p>
                <Left balance/>
                <Credits packs payments/>
                <Tokens tokens server/>
                <Used days/>
                {external.map(|(provider, is_allowed)| view! { <External provider is_allowed/> })}
                <Session/>
                {(!is_operator).then(|| view! { <Password has_password/> <Leave has_password/> })}
            }
        },
    )
}

#[component]
fn Left(balance: Option<Balance>) -> impl IntoView {
    let Some(balance) = balance else {
        return view! {
            <section class="card" aria-labelledby="left">
                <h2 id="left">{tr!(account.left)}</h2>
                <p>{tr!(account.uncounted)}</p>
            </section>
        }
        .into_any();
    };
    let left = (balance.cap - balance.used).max(0);
    let pages_left = match balance.period {
        "day" => tr!(account.left_day, count = left, cap = balance.cap),
        _ => tr!(account.left_month, count = left, cap = balance.cap),
    };
    view! {
        <section class="card" aria-labelledby="left">
            <h2 id="left">{tr!(account.left)}</h2>
            <p class="figures">
                <span>{pages_left}</span>
                <span>{tr!(account.n_credits, count = balance.credits)}</span>
            </p>
            <progress max=balance.cap.max(1) value=balance.used.clamp(0, balance.cap.max(1)) aria-label=tr!(account.allowance_used)>
                {format!("{} / {}", balance.used, balance.cap)}
            </progress>
            <p class="muted">
                {tr!(account.resets, at = balance.resets_at)} " "
                <a href=href("/prices")>{tr!(account.prices)}</a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Tokens(tokens: Vec<Token>, server: String) -> impl IntoView {
    let example = format!(
        "curl -X POST {server}/api/v1/ocr/ \\\n  -H \"Authorization: Bearer YOUR_API_TOKEN\" \\\n  -F \"file=@invoice.pdf\""
    );
    view! {
        <section class="card" aria-labelledby="tokens">
            <h2 id="tokens">{tr!(account.tokens)}</h2>
            <p>
                {tr!(account.tokens_lead)} " "
                <a href=href("/api-reference")>{tr!(account.tokens_how)}</a>
            </p>
            <ul class="tokens">{tokens.into_iter().map(|token| view! { <TokenRow token/> }).collect_view()}</ul>
            <details>
                <summary>{tr!(account.token_another)}</summary>
                <form class="form" method="post" action=href("/account/tokens")>
                    <TextField label=tr!(account.token_name) name="name"/>
                    <TextField label=tr!(account.token_cap) name="spending_cap" kind="number" is_optional=true/>
                    <button class="button" type="submit">{tr!(account.token_make)}</button>
                </form>
            </details>
            <pre class="example" tabindex="0"><code>{example}</code></pre>
        </section>
    }
}

#[component]
fn TokenRow(token: Token) -> impl IntoView {
    let spent = match token.spending_cap {
        Some(cap) => tr!(account.token_spent_of, spent = token.spent, cap = cap),
        None => tr!(account.token_spent, spent = token.spent),
    };
    let used = match token.last_used {
        Some(day) => tr!(account.token_used, day = day),
        None => tr!(account.token_unused).to_owned(),
    };
    let revoke = href(&format!("/account/tokens/{}/revoke", token.id));
    let label = tr!(account.token_copy, name = token.name.clone());
    view! {
        <li class="token">
            <p>
                <strong>{token.name}</strong>
                " " <span class="muted">{tr!(account.token_about, day = token.made, used = used, spent = spent)}</span>
            </p>
            {match token.token {
                Some(text) => {
                    view! {
                        <div class="row">
                            // Shown by a browser's own means, so that it is not on the screen for anybody who passes by.
                            <details class="secret">
                                <summary class="button button-small">{tr!(account.show)}</summary>
                                <code>{text.clone()}</code>
                            </details>
                            <button class="button button-small" type="button" data-copy=text aria-label=label hidden=true>
                                {tr!(account.copy)}
                            </button>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <p class="muted">{tr!(account.token_later)}</p> }.into_any(),
            }}
            <Confirmed label=tr!(account.revoke_ask)>
                <form method="post" action=revoke>
                    <p>{tr!(account.revoke_means)}</p>
                    <button class="button button-bad" type="submit">{tr!(account.revoke)}</button>
                </form>
            </Confirmed>
        </li>
    }
}

#[component]
fn External(provider: String, is_allowed: bool) -> impl IntoView {
    let (now, label) = if is_allowed {
        (tr!(account.agreed), tr!(account.agreed_undo))
    } else {
        (tr!(account.not_agreed), tr!(account.agree))
    };
    view! {
        <section class="card" aria-labelledby="external">
            <h2 id="external">{tr!(account.external)}</h2>
            <p>
                {tr!(account.external_lead, provider = provider)} " " {now}
            </p>
            <form method="post" action=href("/account/settings")>
                <input type="hidden" name="allow_external" value=(!is_allowed).to_string()/>
                <button class="button" type="submit">{label}</button>
            </form>
        </section>
    }
}

#[component]
fn Used(days: Vec<Day>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="used">
            <h2 id="used">{tr!(account.used)}</h2>
            {if days.is_empty() {
                view! { <p class="muted">{tr!(account.used_none)}</p> }.into_any()
            } else {
                view! {
                    <UseChart days=days.clone()/>
                    <table class="figures-table">
                        <thead>
                            <tr>
                                <th scope="col">{tr!(account.day_utc)}</th>
                                <th scope="col">{tr!(account.pages)}</th>
                                <th scope="col">{tr!(account.credits)}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {days
                                .into_iter()
                                .map(|day| {
                                    view! {
                                        <tr>
                                            <th scope="row">{day.date}</th>
                                            <td>{day.pages}</td>
                                            <td>{day.credits}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                }
                    .into_any()
            }}
            <p class="row">
                <a class="button button-small" href="/api/v1/usage/?format=csv" download="usage.csv">{tr!(account.as_csv)}</a>
            </p>
        </section>
    }
}

/// The pages of each day as bars, oldest first. The table below says the same to those who do not see it.
#[component]
fn UseChart(days: Vec<Day>) -> impl IntoView {
    /// Width of a bar and the gap after it, and height of the tallest, in units of the drawing.
    const BAR: usize = 12;
    const GAP: usize = 4;
    const HEIGHT: i64 = 60;
    let most = days.iter().map(|day| day.pages).max().unwrap_or(0).max(1);
    let width = days.len() * (BAR + GAP);
    let bars = days
        .into_iter()
        .rev()
        .enumerate()
        .map(|(idx, day)| {
            let height = (day.pages * HEIGHT / most).max(1);
            let told = tr!(
                account.used_bar,
                day = day.date,
                pages = day.pages,
                credits = day.credits
            );
            view! {
                <rect x=(idx * (BAR + GAP)).to_string() y=(HEIGHT - height).to_string() width=BAR.to_string() height=height.to_string() rx="2">
                    <title>{told}</title>
                </rect>
            }
        })
        .collect_view();
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") width=(width * 2).to_string() height=(HEIGHT * 2).to_string() aria-hidden="true">
                {bars}
            </svg>
            <figcaption class="muted">{tr!(account.used_chart)}</figcaption>
        </figure>
    }
}

#[component]
fn Session() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="session">
            <h2 id="session">{tr!(account.signed_in)}</h2>
            <div class="row">
                <form method="post" action=href("/account/sign-out")>
                    <button class="button" type="submit">{tr!(account.sign_out)}</button>
                    <button class="button" type="submit" name="clear" value="device">{tr!(account.sign_out_clear)}</button>
                </form>
                <form method="post" action=href("/account/sign-out-everywhere")>
                    <button class="button" type="submit">{tr!(account.sign_out_all)}</button>
                </form>
                <a class="button" href="/api/v1/account/export/" download="ocr-chat-account.json">{tr!(account.export_json)}</a>
            </div>
        </section>
    }
}

/// The password once more; of an account without one, nothing.
#[component]
fn PasswordNow(has_password: bool, label: &'static str) -> impl IntoView {
    if has_password {
        view! { <TextField label name="password" kind="password" autocomplete="current-password"/> }
            .into_any()
    } else {
        view! { <input type="hidden" name="password" value=""/> }.into_any()
    }
}

#[component]
fn Password(has_password: bool) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="change">
            <h2 id="change">{tr!(account.password)}</h2>
            <details>
                <summary>{if has_password { tr!(account.password_change_it) } else { tr!(account.password_set_one) }}</summary>
                <form class="form" method="post" action=href("/account/password")>
                    <PasswordNow has_password label=tr!(account.password_now)/>
                    <NewPassword label=tr!(account.password_new) name="new_password"/>
                    <p class="muted">{tr!(account.password_others)}</p>
                    <button class="button" type="submit">{tr!(account.password_change)}</button>
                </form>
            </details>
        </section>
    }
}

#[component]
fn Leave(has_password: bool) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="leave">
            <h2 id="leave">{tr!(account.leave)}</h2>
            <Confirmed label=tr!(account.leave_ask)>
                <form class="form" method="post" action=href("/account/delete")>
                    <p>
                        {tr!(account.leave_means)}
                    </p>
                    <PasswordNow has_password label=tr!(account.password)/>
                    <button class="button button-bad" type="submit">{tr!(account.leave_do)}</button>
                </form>
            </Confirmed>
        </section>
    }
}
