//! `/admin`: what the operator of a server sees and does.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
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

/// `/admin`: the queue, and pages that could not be read; `content` is called in the language of the frame, as everywhere here.
pub fn overview(frame: Frame, content: impl FnOnce() -> (Facts, Table)) -> String {
    frame.wide().document(
        || tr!(admin.administration),
        move || {
            let (queue, failures) = content();
            view! {
                <h1>{tr!(admin.administration)}</h1>
                <Tabs here="/admin"/>
                <section class="card" aria-labelledby="queue">
                    <h2 id="queue">{tr!(admin.queue)}</h2>
                    <FactList facts=queue/>
                </section>
                <section class="card" aria-labelledby="failures">
                    <h2 id="failures">{tr!(admin.failures)}</h2>
                    <DataTable table=failures/>
                </section>
            }
        },
    )
}

/// `/admin/users`: accounts, of which part of the address is `search`.
pub fn users(frame: Frame, search: String, list: impl FnOnce() -> List) -> String {
    frame.wide().document(|| tr!(admin.accounts), move || {
        let list = list();
        view! {
            <h1>{tr!(admin.accounts)}</h1>
            <Tabs here="/admin/users"/>
            <form class="filters" method="get" action=href("/admin/users") role="search">
                <TextField label=tr!(admin.search_field) name="search" value=search is_optional=true/>
                <button class="button" type="submit">{tr!(admin.search)}</button>
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
pub fn user(frame: Frame, user: impl FnOnce() -> User) -> String {
    frame.wide().document(|| tr!(admin.account), move || {
        let user = user();
        let base = href(&format!("/admin/users/{}", user.id));
        let log = href(&format!("/admin/log?account={}", user.id));
        let plan = user.plan;
        view! {
            <h1>{user.name}</h1>
            <Tabs here="/admin/users"/>
            <section class="card" aria-labelledby="facts">
                <h2 id="facts">{tr!(admin.account)}</h2>
                <FactList facts=user.facts/>
                <p><a href=log>{tr!(admin.history)}</a></p>
            </section>
            <section class="card" aria-labelledby="change">
                <h2 id="change">{tr!(admin.change)}</h2>
                <form class="filters" method="post" action=format!("{base}/grant")>
                    <TextField label=tr!(admin.credits) name="credits" kind="number"/>
                    <TextField label=tr!(admin.note) name="note" is_optional=true/>
                    <button class="button" type="submit">{tr!(admin.grant)}</button>
                </form>
                <form class="filters" method="post" action=format!("{base}/plan")>
                    <label class="field">
                        <span>{tr!(admin.plan)}</span>
                        <select name="plan">
                            {user
                                .plans
                                .into_iter()
                                .map(|name| view! { <option value=name selected=name == plan>{name}</option> })
                                .collect_view()}
                        </select>
                    </label>
                    <button class="button" type="submit">{tr!(admin.set_plan)}</button>
                </form>
                {if user.is_disabled {
                    view! {
                        <form method="post" action=format!("{base}/enable")>
                            <button class="button" type="submit">{tr!(admin.open_again)}</button>
                        </form>
                    }
                        .into_any()
                } else {
                    view! {
                        <Confirmed label=tr!(admin.shut_ask)>
                            <form method="post" action=format!("{base}/disable")>
                                <p>{tr!(admin.shut_means)}</p>
                                <button class="button button-bad" type="submit">{tr!(admin.shut)}</button>
                            </form>
                        </Confirmed>
                    }
                        .into_any()
                }}
            </section>
            <section class="card" aria-labelledby="tokens">
                <h2 id="tokens">{tr!(admin.tokens)}</h2>
                <DataTable table=user.tokens/>
            </section>
            <section class="card" aria-labelledby="jobs">
                <h2 id="jobs">{tr!(admin.newest_jobs)}</h2>
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
    list: impl FnOnce() -> List,
) -> String {
    frame.wide().document(|| tr!(admin.jobs), move || {
        let list = list();
        let statuses = statuses.iter().map(|status| (*status, status_label(status).unwrap_or(status))).collect();
        view! {
            <h1>{tr!(admin.jobs)}</h1>
            <Tabs here="/admin/jobs"/>
            <form class="filters" method="get" action=href("/admin/jobs")>
                <Choice label=tr!(admin.status) name="status" all=tr!(admin.all) options=statuses chosen=status/>
                <label class="check">
                    <input type="checkbox" name="failed" value="true" checked=has_failures/>
                    <span>{tr!(admin.only_failed)}</span>
                </label>
                <button class="button" type="submit">{tr!(admin.show)}</button>
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
    list: impl FnOnce() -> List,
) -> String {
    frame.wide().document(|| tr!(admin.log), move || {
        let list = list();
        // Actions are named as in the API.
        let actions = actions.into_iter().map(|name| (name, name)).collect();
        view! {
            <h1>{tr!(admin.log)}</h1>
            <Tabs here="/admin/log"/>
            <form class="filters" method="get" action=href("/admin/log")>
                <Choice label=tr!(admin.what) name="action" all=tr!(admin.everything) options=actions chosen=action/>
                <TextField label=tr!(admin.account_id) name="account" value=account is_optional=true/>
                <button class="button" type="submit">{tr!(admin.show)}</button>
            </form>
            <ListCard list/>
        }
    })
}

/// A status of a job in words, `None` for one that has none.
pub fn status_label(status: &str) -> Option<&'static str> {
    match status {
        "pending" => Some(tr!(admin.status_pending)),
        "processing" => Some(tr!(admin.status_processing)),
        "done" => Some(tr!(admin.status_done)),
        "failed" => Some(tr!(admin.status_failed)),
        "deleted" => Some(tr!(admin.status_deleted)),
        "expired" => Some(tr!(admin.status_expired)),
        _ => None,
    }
}

#[component]
fn Tabs(here: &'static str) -> impl IntoView {
    let tabs = [
        ("/admin", tr!(admin.overview)),
        ("/admin/users", tr!(admin.accounts)),
        ("/admin/jobs", tr!(admin.jobs)),
        ("/admin/log", tr!(admin.log)),
    ];
    view! {
        <nav class="row" aria-label=tr!(admin.administration)>
            {tabs
                .map(|(path, label)| {
                    view! {
                        <a class="button button-small" href=href(path) aria-current=(path == here).then_some("page")>
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
    /// What is sent, and what is shown for it.
    options: Vec<(&'static str, &'static str)>,
    chosen: String,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name>
                <option value="" selected=chosen.is_empty()>{all}</option>
                {options
                    .into_iter()
                    .map(|(value, text)| view! { <option value=value selected=chosen == value>{text}</option> })
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
            {list.next.map(|href| view! { <p><a class="button button-small" href=href rel="next">{tr!(admin.older)}</a></p> })}
        </section>
    }
}

#[component]
fn DataTable(table: Table) -> impl IntoView {
    if table.rows.is_empty() {
        return view! { <p class="muted">{tr!(admin.nothing)}</p> }.into_any();
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
            <Confirmed label=tr!(admin.delete_ask)>
                <form method="post" action=href>
                    <button class="button button-small button-bad" type="submit">{label}</button>
                </form>
            </Confirmed>
        }
        .into_any(),
    }
}
