//! `/admin`: what [`crate::admin`] knows and does, as pages. Who is no admin finds nothing here.

use axum::Form;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ocr_chat_i18n::{Language as _, locale, tr};
use ocr_chat_pages::admin::{self as pages, Cell, Facts, List, Table};
use ocr_chat_pages::{Frame, Notice};
use serde::Deserialize;

use crate::admin::{self, AdminError};
use crate::app::AppState;
use crate::audit::Action;
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::metering::Plan;
use crate::pages::visit::{Done, Visit};
use crate::pages::{go_to, minute, page};
use crate::web::session::Admin;

/// An admin who looks at a page.
pub(super) struct AdminVisit {
    who: Admin,
    frame: Frame,
}

impl FromRequestParts<AppState> for AdminVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await;
        let visit = visit.map_err(IntoResponse::into_response)?;
        if visit.account.is_none() {
            return Err(go_to("/sign-in", &HeaderMap::new()));
        }
        let who = Admin::from_request_parts(parts, state).await;
        Ok(Self {
            who: who.map_err(IntoResponse::into_response)?,
            frame: visit.frame,
        })
    }
}

type Answer = Result<Response, ApiError>;

pub(super) async fn overview(State(state): State<AppState>, visit: AdminVisit) -> Answer {
    let queue = admin::queue(&state.db).await?;
    let failures = admin::failures(&state.db).await?.failures;
    let html = pages::overview(visit.frame, || (facts(&queue), failure_table(failures)));
    Ok(page(StatusCode::OK, html))
}

fn facts(queue: &admin::Queue) -> Facts {
    let waits = queue
        .oldest_waits_s
        .map(|seconds| tr!(admin.seconds, n = seconds));
    vec![
        (tr!(admin.pages_waiting), queue.pages_waiting.to_string()),
        (tr!(admin.pages_in_work), queue.pages_in_work.to_string()),
        (tr!(admin.jobs_open), queue.jobs_open.to_string()),
        (
            tr!(admin.oldest_waits),
            waits.unwrap_or_else(|| "-".to_owned()),
        ),
    ]
}

fn failure_table(failures: Vec<admin::Failure>) -> Table {
    Table {
        caption: tr!(admin.failures),
        head: vec![
            tr!(admin.job),
            tr!(admin.page),
            tr!(admin.why),
            tr!(admin.sent),
        ],
        rows: failures
            .into_iter()
            .map(|failure| {
                vec![
                    Cell::text(failure.job),
                    Cell::Number(failure.page + 1),
                    Cell::text(failure.codes.join(", ")),
                    time(failure.created_at.as_deref()),
                ]
            })
            .collect(),
    }
}

pub(super) async fn users(
    State(state): State<AppState>,
    visit: AdminVisit,
    Query(query): Query<admin::UserQuery>,
) -> Answer {
    let found = admin::users(&state.db, &query).await?;
    let search = query.search.unwrap_or_default();
    let html = pages::users(visit.frame, search.clone(), || user_list(found, &search));
    Ok(page(StatusCode::OK, html))
}

fn user_list(found: admin::UserPage, search: &str) -> List {
    let rows = found.users.into_iter().map(|user| {
        let state = match (user.is_disabled, user.is_confirmed || user.email.is_none()) {
            (true, _) => tr!(admin.is_shut),
            (false, false) => tr!(admin.is_not_confirmed),
            (false, true) => "",
        };
        let role = if user.is_admin {
            tr!(admin.is_admin)
        } else {
            ""
        };
        vec![
            Cell::Link {
                href: href_of_user(&user.id),
                text: user.email.unwrap_or(user.id),
            },
            Cell::text(user.plan),
            Cell::text(role),
            Cell::text(state),
            time(user.created_at.as_deref()),
        ]
    });
    List {
        table: Table {
            caption: tr!(admin.users_caption),
            head: vec![
                tr!(admin.account),
                tr!(admin.plan),
                tr!(admin.role),
                tr!(admin.state),
                tr!(admin.made),
            ],
            rows: rows.collect(),
        },
        next: next("/admin/users", found.next, &[("search", search)]),
    }
}

pub(super) async fn user(
    State(state): State<AppState>,
    mut visit: AdminVisit,
    Path(id): Path<String>,
    done: Done,
) -> Answer {
    visit.frame.notice = done.notice();
    let html = write_user(&state, visit.frame, &AccountId(id)).await?;
    Ok(page(StatusCode::OK, html))
}

async fn write_user(state: &AppState, frame: Frame, id: &AccountId) -> Result<String, AdminError> {
    let detail = admin::user(&state.db, &state.config, id).await?;
    Ok(pages::user(frame, || in_words(detail)))
}

fn in_words(detail: admin::UserDetail) -> pages::User {
    let user = detail.user;
    let yes = |is: bool| if is { tr!(admin.yes) } else { tr!(admin.no) }.to_owned();
    let admin::Allowance { used, cap, period } = detail.allowance;
    let allowance = match period {
        "day" => tr!(admin.allowance_day, used = used, cap = cap),
        _ => tr!(admin.allowance_month, used = used, cap = cap),
    };
    let facts = vec![
        (tr!(admin.id), user.id.clone()),
        (tr!(admin.credits), detail.credits.to_string()),
        (tr!(admin.held), detail.held.to_string()),
        (tr!(admin.allowance), allowance),
        (tr!(admin.confirmed), yes(user.is_confirmed)),
        (tr!(admin.closed), yes(user.is_disabled)),
        (tr!(admin.admin), yes(user.is_admin)),
        (
            tr!(admin.made),
            user.created_at.as_deref().map_or_else(String::new, minute),
        ),
    ];
    let tokens = detail.tokens.into_iter().map(|token| {
        vec![
            Cell::text(token.name),
            time(token.created_at.as_deref()),
            time(token.last_used_at.as_deref()),
            Cell::Number(token.spent),
            token.spending_cap.map_or(Cell::text(""), Cell::Number),
        ]
    });
    let plans = Plan::ALL
        .into_iter()
        .filter(|plan| *plan != Plan::Anonymous);
    pages::User {
        name: user.email.unwrap_or_else(|| tr!(admin.operator).to_owned()),
        id: user.id,
        facts,
        plan: user.plan,
        plans: plans.map(Plan::as_str).collect(),
        is_disabled: user.is_disabled,
        tokens: Table {
            caption: tr!(admin.tokens),
            head: vec![
                tr!(admin.name),
                tr!(admin.made),
                tr!(admin.last_used),
                tr!(admin.spent),
                tr!(admin.cap),
            ],
            rows: tokens.collect(),
        },
        jobs: job_table(detail.jobs),
    }
}

/// After a form on an account's page: to the page, where it says what was done, so that loading it again does nothing again; or the
/// page with what was wrong.
async fn done(
    state: &AppState,
    mut frame: Frame,
    id: &AccountId,
    answer: Result<&'static str, AdminError>,
) -> Answer {
    let error = match answer {
        Ok(done) => {
            let address = format!("/admin/users/{}?done={done}", id.0);
            return Ok(go_to(&address, &HeaderMap::new()));
        }
        Err(AdminError::Database(error)) => return Err(error.into()),
        Err(error) => ApiError::from(error),
    };
    frame.notice = Some(Notice::Refused(error.code, error.message));
    let html = write_user(state, frame, id).await?;
    Ok(page(error.status, html))
}

/// Credits to be granted.
#[derive(Deserialize)]
pub(super) struct Grant {
    credits: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn grant(
    State(state): State<AppState>,
    visit: AdminVisit,
    Path(id): Path<String>,
    Form(form): Form<Grant>,
) -> Answer {
    let id = AccountId(id);
    let answer = match form.credits.trim().parse() {
        Ok(credits) => {
            admin::grant(&state.db, &id, credits, Some(&form.note), &visit.who.actor).await
        }
        Err(_) => Err(AdminError::Parameter(
            "credits",
            "it is a whole number.".to_owned(),
        )),
    };
    done(&state, visit.frame, &id, answer.map(|_| "granted")).await
}

/// A plan to be set.
#[derive(Deserialize)]
pub(super) struct Booking {
    plan: Plan,
}

pub(super) async fn set_plan(
    State(state): State<AppState>,
    visit: AdminVisit,
    Path(id): Path<String>,
    Form(form): Form<Booking>,
) -> Answer {
    let id = AccountId(id);
    let answer = admin::set_plan(&state.db, &id, form.plan, &visit.who.actor).await;
    done(&state, visit.frame, &id, answer.map(|()| "plan")).await
}

pub(super) async fn disable(
    State(state): State<AppState>,
    visit: AdminVisit,
    Path(id): Path<String>,
) -> Answer {
    set_disabled(&state, visit, AccountId(id), true).await
}

pub(super) async fn enable(
    State(state): State<AppState>,
    visit: AdminVisit,
    Path(id): Path<String>,
) -> Answer {
    set_disabled(&state, visit, AccountId(id), false).await
}

async fn set_disabled(
    state: &AppState,
    visit: AdminVisit,
    id: AccountId,
    is_disabled: bool,
) -> Answer {
    let Admin { account, actor } = &visit.who;
    let own = Some(&account.id);
    let answer = admin::set_disabled(&state.db, &id, is_disabled, own, actor).await;
    let what = if is_disabled { "shut" } else { "opened" };
    done(state, visit.frame, &id, answer.map(|()| what)).await
}

pub(super) async fn jobs(
    State(state): State<AppState>,
    visit: AdminVisit,
    Query(query): Query<admin::JobQuery>,
) -> Answer {
    let found = admin::jobs(&state.db, &query).await?;
    let status = query.status.unwrap_or_default();
    let has_failures = query.failed.unwrap_or(false);
    let failed = if has_failures { "true" } else { "" };
    let list = {
        let status = status.clone();
        move || List {
            next: next(
                "/admin/jobs",
                found.next,
                &[("status", &status), ("failed", failed)],
            ),
            table: job_table(found.jobs),
        }
    };
    let html = pages::jobs(visit.frame, &admin::STATUSES, status, has_failures, list);
    Ok(page(StatusCode::OK, html))
}

pub(super) async fn delete_job(
    State(state): State<AppState>,
    visit: AdminVisit,
    Path(id): Path<String>,
) -> Answer {
    admin::delete_job(&state.db, &state.jobs, &id, &visit.who.actor).await?;
    Ok(go_to("/admin/jobs", &HeaderMap::new()))
}

pub(super) async fn log(
    State(state): State<AppState>,
    visit: AdminVisit,
    Query(query): Query<admin::AuditQuery>,
) -> Answer {
    let found = admin::audit(&state.db, &query).await?;
    let action = query.action.unwrap_or_default();
    let account = query.account.unwrap_or_default();
    let list = {
        let (action, account) = (action.clone(), account.clone());
        move || log_list(found, &[("action", &action), ("account", &account)])
    };
    let actions = Action::ALL.map(Action::as_str).to_vec();
    let html = pages::log(visit.frame, actions, action, account, list);
    Ok(page(StatusCode::OK, html))
}

fn log_list(found: admin::AuditPage, asked: &[(&str, &str)]) -> List {
    let rows = found.entries.into_iter().map(|entry| {
        vec![
            time(entry.at.as_deref()),
            Cell::text(entry.actor_email.unwrap_or(entry.actor)),
            Cell::text(entry.action),
            Cell::text(entry.subject_email.or(entry.subject).unwrap_or_default()),
            Cell::text(
                entry
                    .detail
                    .map_or_else(String::new, |detail| detail.to_string()),
            ),
            Cell::Number(entry.n_times),
            Cell::text(entry.request_id.unwrap_or_default()),
        ]
    });
    List {
        next: next("/admin/log", found.next, asked),
        table: Table {
            caption: tr!(admin.log_caption),
            head: vec![
                tr!(admin.when),
                tr!(admin.who),
                tr!(admin.what),
                tr!(admin.whom),
                tr!(admin.detail),
                tr!(admin.times),
                tr!(admin.request),
            ],
            rows: rows.collect(),
        },
    }
}

fn job_table(jobs: Vec<admin::JobEntry>) -> Table {
    let rows = jobs.into_iter().map(|job| {
        let is_there = !["deleted", "expired"].contains(&job.status.as_str());
        let owner = match job.account {
            Some(id) => Cell::Link {
                href: href_of_user(&id),
                text: id,
            },
            None => Cell::text(tr!(admin.nobodys)),
        };
        let delete = Cell::Delete {
            href: locale().href(&format!("/admin/jobs/{}/delete", job.id)),
            label: tr!(admin.delete_job),
        };
        vec![
            Cell::text(job.id),
            owner,
            match pages::status_label(&job.status) {
                Some(label) => Cell::text(label),
                None => Cell::text(job.status),
            },
            Cell::text(job.tier),
            Cell::Text(tr!(
                admin.read_of,
                done = job.pages_done,
                all = job.page_count
            )),
            Cell::Number(job.pages_failed),
            Cell::Number(job.credits),
            time(job.created_at.as_deref()),
            if is_there { delete } else { Cell::text("") },
        ]
    });
    Table {
        caption: tr!(admin.jobs_caption),
        head: vec![
            tr!(admin.job),
            tr!(admin.account),
            tr!(admin.status),
            tr!(admin.tier),
            tr!(admin.read),
            tr!(admin.failed),
            tr!(admin.credits),
            tr!(admin.sent),
            tr!(admin.delete),
        ],
        rows: rows.collect(),
    }
}

fn time(rfc3339: Option<&str>) -> Cell {
    Cell::Text(rfc3339.map_or_else(String::new, minute))
}

fn href_of_user(id: &str) -> String {
    locale().href(&format!("/admin/users/{id}"))
}

/// The address of the next page of a list, with what was asked for.
fn next(address: &str, cursor: Option<String>, asked: &[(&str, &str)]) -> Option<String> {
    let cursor = cursor?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.append_pair("cursor", &cursor);
    Some(locale().href(&format!("{address}?{}", query.finish())))
}
