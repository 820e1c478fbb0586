//! The database of a test: a file in its folder, or one of its own in a PostgreSQL cluster that lives as long as this process.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sqlx::{Connection, Executor, PgConnection};

/// Whether this binary is the one that runs the tests on PostgreSQL.
const ON_POSTGRES: bool = {
    let name = env!("CARGO_CRATE_NAME").as_bytes();
    // `api_postgres`, not `api`.
    name.len() > 3
};

/// What a cluster needs to be stopped and removed: a shell that waits for this process to end, however it ends.
const KEEPER: &str = r#"
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// The address of a new, empty database; `None` on SQLite, where the data folder holds it, and where PostgreSQL is not there,
/// which is said once. In continuous integration it has to be there.
pub(crate) async fn new_database(name: &str) -> Option<String> {
    if !ON_POSTGRES {
        return None;
    }
    let cluster = cluster().as_ref()?;
    let mut admin = PgConnection::connect(&cluster.url("postgres"))
        .await
        .unwrap();
    // A name of hexadecimal digits of our own making.
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""));
    admin.execute(create).await.unwrap();
    admin.close().await.unwrap();
    Some(cluster.url(name))
}

struct Cluster {
    socket_dir: PathBuf,
    /// The end of its standard input tells it that this process is gone.
    _keeper: std::process::Child,
}

impl Cluster {
    fn url(&self, database: &str) -> String {
        let host = self.socket_dir.display().to_string().replace('/', "%2F");
        format!("postgres://ocr@{host}/{database}")
    }
}

fn cluster() -> &'static Option<Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "continuous integration has to run the tests on PostgreSQL: apt-get install postgresql"
            );
            let mut out = std::io::stderr();
            let _ = writeln!(
                out,
                "\nSKIPPED: PostgreSQL, because its programs initdb and pg_ctl are not here; these tests run on SQLite again.\n\
                 To run them on PostgreSQL: apt-get install postgresql\n"
            );
            return None;
        };
        Some(start(&programs))
    })
}

/// The folder of PostgreSQL's own programs.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = debian.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain(debian)
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

fn start(programs: &Path) -> Cluster {
    let name = format!("ocr-pg-{}", ocr_chat_server::hex::random(6).unwrap());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let user = ordinary_user();
    if let Some((uid, gid)) = user {
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let command = |program: &Path| {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = user {
            std::os::unix::process::CommandExt::uid(&mut command, uid);
            std::os::unix::process::CommandExt::gid(&mut command, gid);
        }
        command.current_dir(&folder).stdout(Stdio::null());
        command
    };
    let data = folder.join("data");
    let made = command(&programs.join("initdb"))
        .args([
            "--auth=trust",
            "--username=ocr",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ])
        .arg(&data)
        .status()
        .unwrap();
    assert!(made.success(), "initdb failed");
    // Nothing of a test's database has to survive a power cut, and nobody outside reaches a socket in this folder.
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c max_connections=200",
        folder.display()
    );
    let started = command(&programs.join("pg_ctl"))
        .args(["-w", "-o", &options, "-l"])
        .arg(folder.join("log"))
        .arg("-D")
        .arg(&data)
        .arg("start")
        .status()
        .unwrap();
    assert!(
        started.success(),
        "pg_ctl start failed, see {}",
        folder.display()
    );
    let keeper = command(Path::new("/bin/sh"))
        .args(["-c", KEEPER, "sh"])
        .arg(programs)
        .arg(&folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Cluster {
        _keeper: keeper,
        socket_dir: folder,
    }
}

/// PostgreSQL refuses to run as root: the ids of an ordinary user where this process is root's.
fn ordinary_user() -> Option<(u32, u32)> {
    let is_root = std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")));
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}
