//! `/admin`: what the operator of a server sees and does.

use leptos::prelude::*;

use crate::form::{Confirmed, TextField};
use crate::frame::Frame;

/// A cell of a table.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A figure.
    Number(i64),
    /// Words that lead to another page.
    Link {
        /// Where to.
        href: String,
        /// The words.
        text: String,
    },
    /// Deletes what the row is about, behind a second step.
    Delete {
        /// Where its form goes.
        href: String,
        /// What is deleted.
        label: &'static str,
    },
}

impl Cell {
    /// Words, or nothing.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// What is in it, for screen readers.
    pub caption: &'static str,
    /// Heads of the columns.
    pub head: Vec<&'static str>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<Cell>>,
}

/// A list that is longer than a page.
#[derive(Debug, Clone)]
pub struct List {
    /// This page of it.
    pub table: Table,
    /// The address of the next page.
    pub next: Option<String>,
}

/// What `/admin` says first: names and figures.
pub type Facts = Vec<(&'static str, String)>;

/// `/admin`: the queue, and pages that could not be read.
pub fn overview(frame: Frame, queue: Facts, failures: Table) -> String {
    frame.in_english().wide().document(
        || "Administration",
        move || {
            view! {
                <h1>"Administration"</h1>
                <Tabs here="/admin"/>
                <section class="card" aria-labelledby="queue">
                    <h2 id="queue">"Queue"</h2>
                    <FactList facts=queue/>
                </section>
                <section class="card" aria-labelledby="failures">
                    <h2 id="failures">"Pages that could not be read"</h2>
                    <DataTable table=failures/>
                </section>
            }
        },
    )
}

/// `/admin/users`: accounts, of which part of the address is `search`.
pub fn users(frame: Frame, search: String, list: List) -> String {
    frame.in_english().wide().document(|| "Accounts", move || {
        view! {
            <h1>"Accounts"</h1>
            <Tabs here="/admin/users"/>
            <form class="filters" method="get" action="/admin/users" role="search">
                <TextField label="Part of an address, or an id" name="search" value=search is_optional=true/>
                <button class="button" type="submit">"Search"</button>
            </form>
            <ListCard list/>
        }
    })
}

/// An account.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its address, or what stands for it.
    pub name: String,
    /// What there is to know.
    pub facts: Facts,
    /// The plan it has, and those it can have.
    pub plan: &'static str,
    /// Names of the plans it can have.
    pub plans: Vec<&'static str>,
    /// Whether it was shut.
    pub is_disabled: bool,
    /// Its tokens.
    pub tokens: Table,
    /// Its newest jobs.
    pub jobs: Table,
}

/// `/admin/users/{id}`.
pub fn user(frame: Frame, user: User) -> String {
    frame.in_english().wide().document(|| "Account", move || {
        let base = format!("/admin/users/{}", user.id);
        let log = format!("/admin/log?account={}", user.id);
        let plan = user.plan;
        view! {
            <h1>{user.name}</h1>
            <Tabs here="/admin/users"/>
            <section class="card" aria-labelledby="facts">
                <h2 id="facts">"Account"</h2>
                <FactList facts=user.facts/>
                <p><a href=log>"What happened to it"</a></p>
            </section>
            <section class="card" aria-labelledby="change">
                <h2 id="change">"Change"</h2>
                <form class="filters" method="post" action=format!("{base}/grant")>
                    <TextField label="Credits" name="credits" kind="number"/>
                    <TextField label="Note for the books" name="note" is_optional=true/>
                    <button class="button" type="submit">"Grant"</button>
                </form>
                <form class="filters" method="post" action=format!("{base}/plan")>
                    <label class="field">
                        <span>"Plan"</span>
                        <select name="plan">
                            {user
                                .plans
                                .into_iter()
                                .map(|name| view! { <option value=name selected=name == plan>{name}</option> })
                                .collect_view()}
                        </select>
                    </label>
                    <button class="button" type="submit">"Set the plan"</button>
                </form>
                {if user.is_disabled {
                    view! {
                        <form method="post" action=format!("{base}/enable")>
                            <button class="button" type="submit">"Open the account again"</button>
                        </form>
                    }
                        .into_any()
                } else {
                    view! {
                        <Confirmed label="Shut the account ...">
                            <form method="post" action=format!("{base}/disable")>
                                <p>"Its sessions end and its tokens are refused. Jobs that run go on; nothing is deleted."</p>
                                <button class="button button-bad" type="submit">"Shut the account"</button>
                            </form>
                        </Confirmed>
                    }
                        .into_any()
                }}
            </section>
            <section class="card" aria-labelledby="tokens">
                <h2 id="tokens">"API tokens"</h2>
                <DataTable table=user.tokens/>
            </section>
            <section class="card" aria-labelledby="jobs">
                <h2 id="jobs">"Newest jobs"</h2>
                <DataTable table=user.jobs/>
            </section>
        }
    })
}

/// `/admin/jobs`: jobs of everybody. `statuses` can be asked for, `status` was.
pub fn jobs(
    frame: Frame,
    statuses: &'static [&'static str],
    status: String,
    has_failures: bool,
    list: List,
) -> String {
    frame.in_english().wide().document(|| "Jobs", move || {
        view! {
            <h1>"Jobs"</h1>
            <Tabs here="/admin/jobs"/>
            <form class="filters" method="get" action="/admin/jobs">
                <Choice label="Status" name="status" all="All" options=statuses.to_vec() chosen=status/>
                <label class="check">
                    <input type="checkbox" name="failed" value="true" checked=has_failures/>
                    <span>"Only those with pages that failed"</span>
                </label>
                <button class="button" type="submit">"Show"</button>
            </form>
            <ListCard list/>
        }
    })
}

/// `/admin/log`: the audit log. `actions` can be asked for, `action` was; `account` is one that was asked for.
pub fn log(
    frame: Frame,
    actions: Vec<&'static str>,
    action: String,
    account: String,
    list: List,
) -> String {
    frame.in_english().wide().document(|| "Log", move || {
        view! {
            <h1>"Log"</h1>
            <Tabs here="/admin/log"/>
            <form class="filters" method="get" action="/admin/log">
                <Choice label="What" name="action" all="Everything" options=actions chosen=action/>
                <TextField label="Id of an account" name="account" value=account is_optional=true/>
                <button class="button" type="submit">"Show"</button>
            </form>
            <ListCard list/>
        }
    })
}

#[component]
fn Tabs(here: &'static str) -> impl IntoView {
    let tabs = [
        ("/admin", "Overview"),
        ("/admin/users", "Accounts"),
        ("/admin/jobs", "Jobs"),
        ("/admin/log", "Log"),
    ];
    view! {
        <nav class="row" aria-label="Administration">
            {tabs
                .map(|(href, label)| {
                    view! {
                        <a class="button button-small" href=href aria-current=(href == here).then_some("page")>
                            {label}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}

#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    /// What stands for no choice.
    all: &'static str,
    options: Vec<&'static str>,
    chosen: String,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name>
                <option value="" selected=chosen.is_empty()>{all}</option>
                {options
                    .into_iter()
                    .map(|option| view! { <option value=option selected=chosen == option>{option}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}

#[component]
fn FactList(facts: Facts) -> impl IntoView {
    view! {
        <dl class="facts-list">
            {facts
                .into_iter()
                .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}

#[component]
fn ListCard(list: List) -> impl IntoView {
    view! {
        <section class="card">
            <DataTable table=list.table/>
            {list.next.map(|href| view! { <p><a class="button button-small" href=href rel="next">"Older"</a></p> })}
        </section>
    }
}

#[component]
fn DataTable(table: Table) -> impl IntoView {
    if table.rows.is_empty() {
        return view! { <p class="muted">"Nothing here."</p> }.into_any();
    }
    view! {
        // It scrolls by itself, also with the keyboard.
        <div class="table-scroll" role="region" aria-label=table.caption tabindex="0">
            <table class="figures-table">
                <thead>
                    <tr>
                        {table
                            .head
                            .into_iter()
                            .map(|name| view! { <th scope="col">{name}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {table
                        .rows
                        .into_iter()
                        .map(|row| {
                            view! { <tr>{row.into_iter().map(|cell| view! { <td>{content(cell)}</td> }).collect_view()}</tr> }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn content(cell: Cell) -> AnyView {
    match cell {
        Cell::Text(text) => text.into_any(),
        Cell::Number(figure) => figure.into_any(),
        Cell::Link { href, text } => view! { <a href=href>{text}</a> }.into_any(),
        Cell::Delete { href, label } => view! {
            <Confirmed label="Delete ...">
                <form method="post" action=href>
                    <button class="button button-small button-bad" type="submit">{label}</button>
                </form>
            </Confirmed>
        }
        .into_any(),
    }
}
