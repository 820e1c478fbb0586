//! Signing up and in, confirming an address, forgotten passwords.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::form::{NewPassword, TextField};
use crate::frame::Frame;

/// `/sign-in`. `email` is what was entered before, `provider` the name of the place where people can sign in instead.
pub fn sign_in(frame: Frame, email: String, provider: Option<String>) -> String {
    frame.document(|| tr!(account.sign_in), move || {
        view! {
            <h1>{tr!(account.sign_in)}</h1>
            <form class="card form" method="post" action=href("/sign-in")>
                <Email value=email/>
                <TextField label=tr!(account.password) name="password" kind="password" autocomplete="current-password"/>
                <button class="button button-main" type="submit">{tr!(account.sign_in)}</button>
                <p class="muted">
                    <a href=href("/forgot-password")>{tr!(account.forgot)}</a>
                    " " {tr!(account.no_account)} " "
                    <a href=href("/sign-up")>{tr!(account.sign_up)}</a>
                </p>
            </form>
            {provider
                .map(|name| {
                    view! {
                        <p>
                            <a class="button" href="/api/v1/account/oidc/start/">{tr!(account.sign_in_with, name = name)}</a>
                        </p>
                    }
                })}
        }
    })
}

/// `/sign-up`.
pub fn sign_up(frame: Frame, email: String) -> String {
    frame.document(|| tr!(account.sign_up), move || {
        view! {
            <h1>{tr!(account.sign_up)}</h1>
            <p>
                {tr!(account.sign_up_lead)}
            </p>
            <form class="card form" method="post" action=href("/sign-up")>
                <Email value=email/>
                <NewPassword label=tr!(account.password) name="password"/>
                <button class="button button-main" type="submit">{tr!(account.sign_up)}</button>
                <p class="muted">{tr!(account.have_account)} " " <a href=href("/sign-in")>{tr!(account.sign_in)}</a></p>
            </form>
        }
    })
}

/// What came by e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailed {
    /// A link to confirm an address.
    Confirmation,
    /// A link to set another password.
    Reset,
}

/// After signing up, and after asking for another password.
pub fn mail_sent(frame: Frame, mailed: Mailed) -> String {
    frame.document(
        || tr!(account.mail_title),
        move || {
            view! {
                <h1>{tr!(account.mail_title)}</h1>
                <p>
                    {match mailed {
                        Mailed::Confirmation => tr!(account.mail_verify),
                        Mailed::Reset => tr!(account.mail_reset),
                    }}
                </p>
                <p class="muted">
                    {tr!(account.mail_hint)}
                </p>
            }
        },
    )
}

/// `/verify`. `code` came with the link of an e-mail.
pub fn verify(frame: Frame, code: String) -> String {
    frame.document(|| tr!(account.confirm_title), move || {
        view! {
            <h1>{tr!(account.confirm_title)}</h1>
            <p>{tr!(account.confirm_lead)}</p>
            <form class="card form" method="post" action=href("/verify")>
                <Code value=code/>
                <TextField label=tr!(account.password) name="password" kind="password" autocomplete="current-password"/>
                <button class="button button-main" type="submit">{tr!(account.confirm)}</button>
            </form>
        }
    })
}

/// `/forgot-password`.
pub fn forgot_password(frame: Frame) -> String {
    frame.document(|| tr!(account.forgot), move || {
        view! {
            <h1>{tr!(account.forgot)}</h1>
            <form class="card form" method="post" action=href("/forgot-password")>
                <Email value=String::new()/>
                <button class="button button-main" type="submit">{tr!(account.send_code)}</button>
            </form>
        }
    })
}

/// `/reset-password`. `code` came with the link of an e-mail.
pub fn reset_password(frame: Frame, code: String) -> String {
    frame.document(
        || tr!(account.reset_title),
        move || {
            view! {
                <h1>{tr!(account.reset_title)}</h1>
                <form class="card form" method="post" action=href("/reset-password")>
                    <Code value=code/>
                    <NewPassword label=tr!(account.password_new) name="password"/>
                    <button class="button button-main" type="submit">{tr!(account.reset)}</button>
                </form>
            }
        },
    )
}

#[component]
fn Email(value: String) -> impl IntoView {
    view! { <TextField label=tr!(account.email) name="email" kind="email" autocomplete="username" value/> }
}

#[component]
fn Code(value: String) -> impl IntoView {
    view! { <TextField label=tr!(account.code) name="code" autocomplete="one-time-code" value/> }
}
