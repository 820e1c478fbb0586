//! `/account`: what somebody has, used and may do.

use leptos::prelude::*;

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
    frame.document("Account", "/account", move || {
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
                "The operator of this server"
            } else {
                "Without an e-mail address"
            };
            name.to_owned()
        });
        view! {
            <h1>"Account"</h1>
            <p class="muted">{name}", plan "{plan}</p>
            <Left balance/>
            <Credits packs payments/>
            <Tokens tokens server/>
            <Used days/>
            {external.map(|(provider, is_allowed)| view! { <External provider is_allowed/> })}
            <Session/>
            {(!is_operator).then(|| view! { <Password has_password/> <Leave has_password/> })}
        }
    })
}

#[component]
fn Left(balance: Option<Balance>) -> impl IntoView {
    let Some(balance) = balance else {
        return view! {
            <section class="card" aria-labelledby="left">
                <h2 id="left">"What is left"</h2>
                <p>"Nothing is counted for you on this server."</p>
            </section>
        }
        .into_any();
    };
    let left = (balance.cap - balance.used).max(0);
    view! {
        <section class="card" aria-labelledby="left">
            <h2 id="left">"What is left"</h2>
            <p class="figures">
                <span><strong>{left}</strong>" pages of this "{balance.period}"'s "{balance.cap}</span>
                <span><strong>{balance.credits}</strong>" credits"</span>
            </p>
            <progress max=balance.cap.max(1) value=balance.used.clamp(0, balance.cap.max(1)) aria-label="Pages of the allowance that are used">
                {format!("{} of {}", balance.used, balance.cap)}
            </progress>
            <p class="muted">
                "The allowance begins anew at "{balance.resets_at}" (UTC). It is used first, credits after it. "
                <a href="/prices">"Prices"</a>
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
            <h2 id="tokens">"API tokens"</h2>
            <p>
                "A token reads documents in your name and at your cost: keep it like a password. "
                <a href="/api-reference">"How the API is called"</a>
            </p>
            <ul class="tokens">{tokens.into_iter().map(|token| view! { <TokenRow token/> }).collect_view()}</ul>
            <details>
                <summary>"Make another token"</summary>
                <form class="form" method="post" action="/account/tokens">
                    <TextField label="Name" name="name"/>
                    <TextField label="Credits it may spend (empty: no limit)" name="spending_cap" kind="number" is_optional=true/>
                    <button class="button" type="submit">"Make the token"</button>
                </form>
            </details>
            <pre class="example"><code>{example}</code></pre>
        </section>
    }
}

#[component]
fn TokenRow(token: Token) -> impl IntoView {
    let spent = match token.spending_cap {
        Some(cap) => format!("{} of {cap} credits spent", token.spent),
        None => format!("{} credits spent", token.spent),
    };
    let used = match token.last_used {
        Some(day) => format!("last used {day}"),
        None => "never used".to_owned(),
    };
    let revoke = format!("/account/tokens/{}/revoke", token.id);
    let label = format!("Copy the token {}", token.name);
    view! {
        <li class="token">
            <p>
                <strong>{token.name}</strong>
                <span class="muted">{format!(" made {}, {used}, {spent}", token.made)}</span>
            </p>
            {match token.token {
                Some(text) => {
                    view! {
                        <div class="row">
                            // Shown by a browser's own means, so that it is not on the screen for anybody who passes by.
                            <details class="secret">
                                <summary class="button button-small">"Show"</summary>
                                <code>{text.clone()}</code>
                            </details>
                            <button class="button button-small" type="button" data-copy=text aria-label=label hidden=true>
                                "Copy"
                            </button>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <p class="muted">"It is shown here after its next use."</p> }.into_any(),
            }}
            <Confirmed label="Revoke ...">
                <form method="post" action=revoke>
                    <p>"Programs that use it are refused from then on."</p>
                    <button class="button button-bad" type="submit">"Revoke this token"</button>
                </form>
            </Confirmed>
        </li>
    }
}

#[component]
fn External(provider: String, is_allowed: bool) -> impl IntoView {
    let (now, label) = if is_allowed {
        (
            "You have agreed.",
            "Do not send my documents there any more",
        )
    } else {
        (
            "You have not agreed; this server reads your documents itself.",
            "Let my documents go there",
        )
    };
    view! {
        <section class="card" aria-labelledby="external">
            <h2 id="external">"Models of other providers"</h2>
            <p>
                "The vlm tier, translations and answers of chat can be done by models at "<strong>{provider}</strong>
                ". Pages of your documents are sent there then. "{now}
            </p>
            <form method="post" action="/account/settings">
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
            <h2 id="used">"Used this month"</h2>
            {if days.is_empty() {
                view! { <p class="muted">"Nothing yet."</p> }.into_any()
            } else {
                view! {
                    <table class="figures-table">
                        <thead>
                            <tr>
                                <th scope="col">"Day (UTC)"</th>
                                <th scope="col">"Pages"</th>
                                <th scope="col">"Credits"</th>
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
                <a class="button button-small" href="/api/v1/usage/?format=csv" download="usage.csv">"As CSV"</a>
            </p>
        </section>
    }
}

#[component]
fn Session() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="session">
            <h2 id="session">"Signed in"</h2>
            <div class="row">
                <form method="post" action="/account/sign-out">
                    <button class="button" type="submit">"Sign out"</button>
                </form>
                <form method="post" action="/account/sign-out-everywhere">
                    <button class="button" type="submit">"Sign out everywhere"</button>
                </form>
                <a class="button" href="/api/v1/account/export/" download="ocr-chat-account.json">"Everything of mine as JSON"</a>
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
            <h2 id="change">"Password"</h2>
            <details>
                <summary>{if has_password { "Change it" } else { "Set one, to sign in here, too" }}</summary>
                <form class="form" method="post" action="/account/password">
                    <PasswordNow has_password label="Password now"/>
                    <NewPassword label="New password" name="new_password"/>
                    <p class="muted">"Other browsers that are signed in are signed out."</p>
                    <button class="button" type="submit">"Change the password"</button>
                </form>
            </details>
        </section>
    }
}

#[component]
fn Leave(has_password: bool) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="leave">
            <h2 id="leave">"Delete the account"</h2>
            <Confirmed label="Delete ...">
                <form class="form" method="post" action="/account/delete">
                    <p>
                        "Your documents, results, tokens and credits go at once and cannot be had back. What was paid stays in the books, without your name."
                    </p>
                    <PasswordNow has_password label="Password"/>
                    <button class="button button-bad" type="submit">"Delete my account and everything of mine"</button>
                </form>
            </Confirmed>
        </section>
    }
}
