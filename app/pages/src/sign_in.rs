//! Signing up and in, confirming an address, forgotten passwords.

use leptos::prelude::*;

use crate::form::{NewPassword, TextField};
use crate::frame::Frame;

/// `/sign-in`. `email` is what was entered before, `provider` the name of the place where people can sign in instead.
pub fn sign_in(frame: Frame, email: String, provider: Option<String>) -> String {
    frame.document("Sign in", "/sign-in", move || {
        view! {
            <h1>"Sign in"</h1>
            <form class="card form" method="post" action="/sign-in">
                <Email value=email/>
                <TextField label="Password" name="password" kind="password" autocomplete="current-password"/>
                <button class="button button-main" type="submit">"Sign in"</button>
                <p class="muted">
                    <a href="/forgot-password">"Forgot your password?"</a>
                    " No account yet? "
                    <a href="/sign-up">"Sign up"</a>
                </p>
            </form>
            {provider
                .map(|name| {
                    view! {
                        <p>
                            <a class="button" href="/api/v1/account/oidc/start/">{format!("Sign in with {name}")}</a>
                        </p>
                    }
                })}
        }
    })
}

/// `/sign-up`.
pub fn sign_up(frame: Frame, email: String) -> String {
    frame.document("Sign up", "/sign-up", move || {
        view! {
            <h1>"Sign up"</h1>
            <p>
                "Reading on your own device needs no account. An account has an API token, a larger allowance on the server, and chat."
            </p>
            <form class="card form" method="post" action="/sign-up">
                <Email value=email/>
                <NewPassword label="Password" name="password"/>
                <button class="button button-main" type="submit">"Sign up"</button>
                <p class="muted">"Have an account? " <a href="/sign-in">"Sign in"</a></p>
            </form>
        }
    })
}

/// After signing up, and after asking for another password: `what` came by e-mail.
pub fn mail_sent(frame: Frame, what: &'static str) -> String {
    frame.document("Look into your mail", "", move || {
        view! {
            <h1>"Look into your mail"</h1>
            <p>{what}</p>
            <p class="muted">
                "Nothing there after some minutes? Look where unwanted mail goes, or try again; on a server without e-mail, ask its operator."
            </p>
        }
    })
}

/// `/verify`. `code` came with the link of an e-mail.
pub fn verify(frame: Frame, code: String) -> String {
    frame.document("Confirm your address", "", move || {
        view! {
            <h1>"Confirm your address"</h1>
            <p>"The password you chose when you signed up shows that it was you."</p>
            <form class="card form" method="post" action="/verify">
                <Code value=code/>
                <TextField label="Password" name="password" kind="password" autocomplete="current-password"/>
                <button class="button button-main" type="submit">"Confirm"</button>
            </form>
        }
    })
}

/// `/forgot-password`.
pub fn forgot_password(frame: Frame) -> String {
    frame.document("Forgot your password?", "", move || {
        view! {
            <h1>"Forgot your password?"</h1>
            <form class="card form" method="post" action="/forgot-password">
                <Email value=String::new()/>
                <button class="button button-main" type="submit">"Send a code"</button>
            </form>
        }
    })
}

/// `/reset-password`. `code` came with the link of an e-mail.
pub fn reset_password(frame: Frame, code: String) -> String {
    frame.document("Set another password", "", move || {
        view! {
            <h1>"Set another password"</h1>
            <form class="card form" method="post" action="/reset-password">
                <Code value=code/>
                <NewPassword label="New password" name="password"/>
                <button class="button button-main" type="submit">"Set the password"</button>
            </form>
        }
    })
}

#[component]
fn Email(value: String) -> impl IntoView {
    view! { <TextField label="E-mail address" name="email" kind="email" autocomplete="username" value/> }
}

#[component]
fn Code(value: String) -> impl IntoView {
    view! { <TextField label="Code from the e-mail" name="code" autocomplete="one-time-code" value/> }
}
