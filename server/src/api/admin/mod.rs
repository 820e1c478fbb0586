//! `/api/v1/admin/`: for admins, by session or token; for everybody else there is nothing here. What is done is in
//! [`crate::admin`].

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::admin::{self, AuditPage, Failures, JobPage, Queue, UserDetail, UserPage};
use crate::api::account::Body;
use crate::app::AppState;
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::metering::Plan;
use crate::web::session::Admin;

type Asked<T> = Result<Query<T>, QueryRejection>;

fn query<T>(asked: Asked<T>) -> Result<T, ApiError> {
    let asked = asked.map_err(|_| {
        ApiError::bad_request("invalid_parameter", "A parameter of the query cannot be.")
    })?;
    Ok(asked.0)
}

/// `GET users/`: accounts, newest first.
///
/// # Errors
/// 400 for a parameter that cannot be; 404 for who is no admin.
pub async fn users(
    State(state): State<AppState>,
    _who: Admin,
    asked: Asked<admin::UserQuery>,
) -> Result<Json<UserPage>, ApiError> {
    Ok(Json(admin::users(&state.db, &query(asked)?).await?))
}

/// `GET users/{id}/`: an account with what it has.
///
/// # Errors
/// 404 `account_not_found`, and for who is no admin.
pub async fn user(
    State(state): State<AppState>,
    _who: Admin,
    Path(id): Path<String>,
) -> Result<Json<UserDetail>, ApiError> {
    let id = AccountId(id);
    let user = admin::user(&state.db, &state.config, &id).await?;
    Ok(Json(user))
}

/// Credits to be granted.
#[derive(Deserialize)]
pub struct Grant {
    credits: i64,
    #[serde(default)]
    note: Option<String>,
}

/// What an account has.
#[derive(Serialize)]
pub struct Balance {
    credits: i64,
}

/// `POST users/{id}/grant/`: adds credits.
///
/// # Errors
/// 400 for credits or a note that cannot be; 404 `account_not_found`, and for who is no admin.
pub async fn grant(
    State(state): State<AppState>,
    who: Admin,
    Path(id): Path<String>,
    Body(body): Body<Grant>,
) -> Result<Json<Balance>, ApiError> {
    let (id, note) = (AccountId(id), body.note.as_deref());
    let credits = admin::grant(&state.db, &id, body.credits, note, &who.actor).await?;
    Ok(Json(Balance { credits }))
}

/// What an account books.
#[derive(Deserialize)]
pub struct Booking {
    plan: Plan,
}

/// `POST users/{id}/plan/`: changes the plan.
///
/// # Errors
/// 400 for a plan that no account can have; 404 `account_not_found`, and for who is no admin.
pub async fn plan(
    State(state): State<AppState>,
    who: Admin,
    Path(id): Path<String>,
    Body(body): Body<Booking>,
) -> Result<StatusCode, ApiError> {
    admin::set_plan(&state.db, &AccountId(id), body.plan, &who.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST users/{id}/disable/`: shuts an account.
///
/// # Errors
/// 404 `account_not_found`, and for who is no admin; 409 `own_account`.
pub async fn disable(
    State(state): State<AppState>,
    who: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let own = Some(&who.account.id);
    admin::set_disabled(&state.db, &AccountId(id), true, own, &who.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST users/{id}/enable/`: opens an account again.
///
/// # Errors
/// 404 `account_not_found`, and for who is no admin.
pub async fn enable(
    State(state): State<AppState>,
    who: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let own = Some(&who.account.id);
    admin::set_disabled(&state.db, &AccountId(id), false, own, &who.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET jobs/`: jobs of everybody, newest first.
///
/// # Errors
/// 400 for a parameter that cannot be; 404 for who is no admin.
pub async fn jobs(
    State(state): State<AppState>,
    _who: Admin,
    asked: Asked<admin::JobQuery>,
) -> Result<Json<JobPage>, ApiError> {
    Ok(Json(admin::jobs(&state.db, &query(asked)?).await?))
}

/// `DELETE jobs/{id}/`: cancels a job and removes its content.
///
/// # Errors
/// 404 `job_not_found`, and for who is no admin.
pub async fn delete_job(
    State(state): State<AppState>,
    who: Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    admin::delete_job(&state.db, &state.jobs, &id, &who.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET queue/`: how many pages wait, and for how long.
///
/// # Errors
/// 404 for who is no admin.
pub async fn queue(State(state): State<AppState>, _who: Admin) -> Result<Json<Queue>, ApiError> {
    Ok(Json(admin::queue(&state.db).await?))
}

/// `GET failures/`: the newest pages that could not be read.
///
/// # Errors
/// 404 for who is no admin.
pub async fn failures(
    State(state): State<AppState>,
    _who: Admin,
) -> Result<Json<Failures>, ApiError> {
    Ok(Json(admin::failures(&state.db).await?))
}

/// `GET audit/`: who changed what, newest first.
///
/// # Errors
/// 400 for a parameter that cannot be; 404 for who is no admin.
pub async fn audit(
    State(state): State<AppState>,
    _who: Admin,
    asked: Asked<admin::AuditQuery>,
) -> Result<Json<AuditPage>, ApiError> {
    Ok(Json(admin::audit(&state.db, &query(asked)?).await?))
}
