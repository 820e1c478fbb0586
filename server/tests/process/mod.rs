//! Processes of the real binary on one PostgreSQL database and one bucket, and a client of them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::client::{raw_request, request};

/// Where the programs of `tests/storage/requirements.txt` are when `cargo xtask test` does not say.
const MOTO_IN_CACHE: &str = ".cache/ocr-chat/tools/storage-venv/bin/python";

/// A process; killed when dropped.
pub(crate) struct Process {
    process: Child,
    /// What it listens on; empty where it does not.
    pub(crate) address: String,
    log: PathBuf,
}

impl Process {
    /// Starts `command` and waits for the line of its standard output that says it is ready; what follows `ready` is its address.
    fn start(mut command: Command, log: PathBuf, ready: &str) -> Self {
        let log_file = std::fs::File::create(&log).unwrap();
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let Some(line) = lines.next() else {
                let log = std::fs::read_to_string(&log).unwrap();
                panic!("a process ended before it was ready: {log}");
            };
            if let Some(address) = line.unwrap().strip_prefix(ready) {
                break address.to_owned();
            }
        };
        Self {
            process,
            address,
            log,
        }
    }

    /// SIGKILL: no destructor and no signal handler runs.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// How many lines of its log have `text` in them.
    pub(crate) fn n_logged(&self, text: &str) -> usize {
        let log = std::fs::read_to_string(&self.log).unwrap();
        log.lines().filter(|line| line.contains(text)).count()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The Python that has moto; `None` where it is not installed, which is said. In continuous integration it has to be there.
pub(crate) fn moto_python() -> Option<PathBuf> {
    let set = std::env::var_os("OCR_CHAT_TEST_MOTO_PYTHON").map(PathBuf::from);
    let in_cache = || Some(Path::new(&std::env::var_os("HOME")?).join(MOTO_IN_CACHE));
    let python = set.or_else(in_cache).filter(|python| python.is_file());
    if python.is_none() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "continuous integration has to run the tests on moto: `cargo xtask test native` installs it"
        );
        let mut out = std::io::stderr();
        let _ = writeln!(
            out,
            "\nSKIPPED: several processes on one bucket, because moto is not here; `cargo xtask test native` installs it.\n"
        );
    }
    python
}

/// Everything that processes have in common.
pub(crate) struct Deployment {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
    moto: Process,
}

impl Deployment {
    /// A bucket of its own beside `database_url`. `folder` is removed at the end.
    pub(crate) fn new(
        moto_python: &Path,
        folder: PathBuf,
        database_url: &str,
        prices: &str,
    ) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("prices.toml"), prices).unwrap();
        // Port 0 would be told on standard error; one that is free now is as good as always.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new(moto_python);
        command
            .args(["-c", MOTO, &port.to_string()])
            .current_dir(&folder);
        let moto = Process::start(command, folder.join("moto.log"), "ready ");
        let endpoint = format!("http://{}", moto.address);
        let made = request(&moto.address, "PUT", "/scans", "", b"");
        assert_eq!(made.unwrap().0, 200);
        let prices = folder.join("prices.toml").display().to_string();
        let variables = vec![
            ("OCR_CHAT_DATABASE_URL", database_url.to_owned()),
            ("OCR_CHAT_BLOBS", "s3://scans/uploads".to_owned()),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("OCR_CHAT_SECRET_KEY", "0123456789abcdef".repeat(2)),
            ("OCR_CHAT_PRICES", prices),
            ("OCR_CHAT_REQUESTS_PER_MINUTE", "0".to_owned()),
            ("OCR_CHAT_WORKER_LOST_SECONDS", "3".to_owned()),
            ("OCR_CHAT_LISTEN", "127.0.0.1:0".to_owned()),
            ("OCR_CHAT_THREADS", "1".to_owned()),
            ("OCR_CHAT_MODEL", "tiny".to_owned()),
        ];
        Self {
            folder,
            variables,
            moto,
        }
    }

    /// `ocr-chat` with `arguments`, for the process called `name`.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocr-chat"));
        command
            .args(arguments)
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .env("OCR_CHAT_DATA_DIR", self.folder.join(name))
            .env("OCR_CHAT_MODELS_DIR", crate::weights::models_dir());
        command
    }

    /// A server that reads `n_pages` at a time.
    pub(crate) fn server(&self, name: &str, n_pages: u32) -> Process {
        let mut command = self.command(name, &["serve"]);
        command.env("OCR_CHAT_PAGES_IN_PARALLEL", n_pages.to_string());
        let log = self.folder.join(format!("{name}.log"));
        Process::start(command, log, "Listening on http://")
    }

    /// A worker with a health port.
    pub(crate) fn worker(&self, name: &str) -> Process {
        let command = self.command(name, &["worker", "--health", "127.0.0.1:0"]);
        let log = self.folder.join(format!("{name}.log"));
        let mut worker = Process::start(command, log, "Health on http://");
        worker.address = worker.address.trim_end_matches("/health").to_owned();
        worker
    }

    /// The value of a variable that all processes have.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let mut variables = self.variables.iter();
        let found = variables.find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.clone())
    }

    /// Uploads in parts that were neither finished nor given up.
    pub(crate) fn n_unfinished(&self) -> usize {
        let (status, xml) =
            raw_request(&self.moto.address, "GET", "/scans?uploads", "", b"").unwrap();
        assert_eq!(status, 200);
        xml.matches("<UploadId>").count()
    }

    /// The names of the objects in the bucket.
    pub(crate) fn objects(&self) -> Vec<String> {
        let path = "/scans?list-type=2&max-keys=1000";
        let (status, xml) = raw_request(&self.moto.address, "GET", path, "", b"").unwrap();
        assert_eq!(status, 200);
        let keys = xml.split("<Key>").skip(1);
        keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned())
            .collect()
    }
}

/// moto on the loopback interface; its own program logs, but says nothing when it is ready.
const MOTO: &str = "
import sys
from werkzeug.serving import make_server
from moto.server import DomainDispatcherApplication, create_backend_app
server = make_server('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
print('ready 127.0.0.1:%d' % server.server_port, flush=True)
server.serve_forever()
";

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut out = std::io::stderr();
            let _ = writeln!(out, "the logs are in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Asks again and again, for two minutes at most.
pub(crate) fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(answer) = ask() {
            return answer;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("it did not happen within two minutes");
}
