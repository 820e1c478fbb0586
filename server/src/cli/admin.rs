//! `ocr-chat admin`.

use std::error::Error;
use std::io::{BufRead, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use lettre::Address;

use crate::admin::{self, AuditQuery};
use crate::app::secret_keys;
use crate::audit::Actor;
use crate::cli::failed;
use crate::clock::{now_ms, rfc3339};
use crate::config::Config;
use crate::db::accounts::Account;
use crate::db::metering::owner_of;
use crate::db::{Database, Engine};
use crate::hex;
use crate::ids::AccountId;
use crate::jobs::payment::allowance_source;
use crate::metering::Plan;
use crate::password::Passwords;
use crate::web::tokens;

/// What `ocr-chat admin` is asked.
#[derive(Debug, Args)]
pub(super) struct AdminArguments {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Make an account whose address counts as confirmed; prints its password (unless one is given) and an API token.
    Create {
        /// Its e-mail address.
        email: String,
        /// What it has booked.
        #[arg(long, value_enum, default_value_t = BookablePlan::Free)]
        plan: BookablePlan,
        /// It may see and change what is others'.
        #[arg(long)]
        admin: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Add credits to an account; a free one is a paid one from then on.
    Grant {
        /// The account: its e-mail address or its id.
        account: String,
        /// How many credits.
        #[arg(value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
        credits: i64,
        /// Kept in the ledger.
        #[arg(long)]
        note: Option<String>,
    },
    /// Check that the ledger, the balances, the tokens and the jobs add up; status 1 when they do not.
    Check,
    /// List the accounts with what they have left.
    Users,
    /// List the newest jobs.
    Jobs {
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Change what an account has booked.
    Plan {
        /// The account: its e-mail address or its id.
        account: String,
        /// The plan.
        #[arg(value_enum)]
        plan: BookablePlan,
    },
    /// Shut an account: its sessions end and its tokens are refused.
    Disable {
        /// The account: its e-mail address or its id.
        account: String,
    },
    /// Open an account again.
    Enable {
        /// The account: its e-mail address or its id.
        account: String,
    },
    /// Show who changed what, newest first.
    Audit {
        /// How many rows.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
    },
}

/// The plans of accounts.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum BookablePlan {
    Free,
    Paid,
    Operator,
}

impl From<BookablePlan> for Plan {
    fn from(plan: BookablePlan) -> Self {
        match plan {
            BookablePlan::Free => Self::Free,
            BookablePlan::Paid => Self::Paid,
            BookablePlan::Operator => Self::Operator,
        }
    }
}

pub(super) fn admin(config: &Config, arguments: AdminArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(error),
    };
    match runtime.block_on(run(config, arguments.command)) {
        Ok(code) => code,
        Err(error) => failed(error),
    }
}

async fn run(config: &Config, command: AdminCommand) -> Result<ExitCode, Box<dyn Error>> {
    let url = config.database_url.as_deref();
    let is_file = url.and_then(Engine::of_url) != Some(Engine::Postgres);
    if is_file && !config.data_dir.is_dir() {
        let folder = config.data_dir.display();
        return Err(format!("there is no data folder {folder}; `ocr-chat serve` makes it, OCR_CHAT_DATA_DIR names another").into());
    }
    let db = Database::open(url, &config.data_dir).await?;
    let actor = Actor::command_line();
    let mut text = String::new();
    let mut code = ExitCode::SUCCESS;
    match command {
        AdminCommand::Create {
            email,
            plan,
            admin,
            password_stdin,
        } => text = create(config, &db, &email, plan.into(), admin, password_stdin).await?,
        AdminCommand::Grant {
            account,
            credits,
            note,
        } => {
            let account = find(&db, &account).await?;
            let balance = admin::grant(&db, &account.id, credits, note.as_deref(), &actor).await?;
            text = format!("{credits} credits added; the account has {balance}\n");
        }
        AdminCommand::Check => {
            let wrong = db.check_books().await?;
            if wrong.is_empty() {
                "everything adds up\n".clone_into(&mut text);
            } else {
                text = wrong.join("\n") + "\n";
                code = ExitCode::FAILURE;
            }
        }
        AdminCommand::Users => text = users(config, &db).await?,
        AdminCommand::Jobs { limit } => text = jobs(&db, limit).await?,
        AdminCommand::Plan { account, plan } => {
            let account = find(&db, &account).await?;
            admin::set_plan(&db, &account.id, plan.into(), &actor).await?;
            text = format!("the plan is {} now\n", Plan::from(plan).as_str());
        }
        AdminCommand::Disable { account } => {
            let account = find(&db, &account).await?;
            admin::set_disabled(&db, &account.id, true, None, &actor).await?;
            "the account is shut\n".clone_into(&mut text);
        }
        AdminCommand::Enable { account } => {
            let account = find(&db, &account).await?;
            admin::set_disabled(&db, &account.id, false, None, &actor).await?;
            "the account is open\n".clone_into(&mut text);
        }
        AdminCommand::Audit { limit } => text = audit(&db, limit).await?,
    }
    db.close().await;
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(code)
}

async fn create(
    config: &Config,
    db: &Database,
    email: &str,
    plan: Plan,
    is_admin: bool,
    password_stdin: bool,
) -> Result<String, Box<dyn Error>> {
    let email = email.trim().to_lowercase();
    let address: Address = email
        .parse()
        .map_err(|_| format!("{email} is not an e-mail address"))?;
    let (password, is_ours) = if password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), false)
    } else {
        (hex::random(12)?, true)
    };
    Passwords::check(&password).map_err(|error| error.message)?;
    let passwords = Passwords::new()?;
    let hash = passwords.hash(password.clone()).await;
    let account = Account {
        password_hash: Some(hash.map_err(|error| error.message)?),
        is_admin,
        verified_ms: Some(now_ms()),
        ..Account::new(Some(address.to_string()), plan)?
    };
    if !db.make_account(&account, &Actor::command_line()).await? {
        return Err(format!("{address} has an account").into());
    }
    let secrets = secret_keys(config)?;
    let (stored, token) = tokens::make(&secrets, account.id, "first", None)?;
    db.insert_token(&stored, &Actor::command_line()).await?;
    let password = if is_ours {
        format!("Password: {password}\n")
    } else {
        String::new()
    };
    Ok(format!(
        "Account of {address}\n{password}API token: {token}\n"
    ))
}

async fn find(db: &Database, name: &str) -> Result<Account, Box<dyn Error>> {
    let by_email = db.account_by_email(&name.trim().to_lowercase()).await?;
    let account = match by_email {
        Some(account) => Some(account),
        None => db.account(&AccountId(name.trim().to_owned())).await?,
    };
    account.ok_or_else(|| format!("there is no account {name}").into())
}

async fn users(config: &Config, db: &Database) -> Result<String, sqlx::Error> {
    let mut text =
        "id\te-mail\tplan\tadmin\tconfirmed\tallowance used\tcredits\theld\tsince\n".to_owned();
    for account in db.accounts().await? {
        let period = config.prices.plan(account.plan).period;
        let source = allowance_source(period, now_ms());
        let standing = db.standing(&owner_of(&account.id), &source).await?;
        text += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            account.id.0,
            account.email.as_deref().unwrap_or("-"),
            account.plan.as_str(),
            if account.is_admin { "yes" } else { "no" },
            if account.verified_ms.is_some() {
                "yes"
            } else {
                "no"
            },
            standing.allowance_used,
            standing.credits,
            standing.held,
            rfc3339(account.created_ms).unwrap_or_default(),
        );
    }
    Ok(text)
}

async fn jobs(db: &Database, limit: u32) -> Result<String, sqlx::Error> {
    let mut text = "job\tstatus\taccount\tpages\tdone\tfailed\tcharged\tsent\n".to_owned();
    for job in db.newest_jobs(limit).await? {
        text += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            // Enough to find it in the logs, not enough to open it.
            job.id.short(),
            job.status,
            job.account
                .as_ref()
                .map_or("-", |account| account.0.as_str()),
            job.page_count,
            job.pages_done,
            job.pages_failed,
            job.charged,
            rfc3339(job.created_ms).unwrap_or_default(),
        );
    }
    Ok(text)
}

async fn audit(db: &Database, limit: u32) -> Result<String, Box<dyn Error>> {
    let query = AuditQuery {
        limit: Some(limit),
        ..AuditQuery::default()
    };
    let mut text = "at\tby\taction\tof\ttimes\tdetail\trequest\n".to_owned();
    for entry in admin::audit(db, &query).await?.entries {
        let detail = entry.detail.map(|detail| detail.to_string());
        text += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            entry.at.unwrap_or_default(),
            entry.actor_email.unwrap_or(entry.actor),
            entry.action,
            entry
                .subject_email
                .or(entry.subject)
                .as_deref()
                .unwrap_or("-"),
            entry.n_times,
            detail.as_deref().unwrap_or("-"),
            entry.request_id.as_deref().unwrap_or("-"),
        );
    }
    Ok(text)
}
