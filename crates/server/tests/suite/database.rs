//! The database of a test: a file of its own, or a database of its own in a PostgreSQL that the tests start.
//!
//! This suite is compiled twice, as `suite` and as `suite-postgres`: the same tests, each on the one and on the other.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tidings_server::Store;

/// Whether this is the suite on PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    env!("CARGO_CRATE_NAME") == "suite_postgres"
}

/// The URL of a new, empty database; none if it is to be a file in the data folder.
pub(crate) async fn database() -> Option<String> {
    if !is_postgres() {
        return None;
    }
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Postgres::start);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = connect(&server.url("postgres")).await;
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("created");
    connection.close().await.expect("closed");
    Some(server.url(&name))
}

/// A connection to a PostgreSQL that listens, but may still be starting.
async fn connect(url: &str) -> PgConnection {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(error) => {
                // `cannot_connect_now`, PostgreSQL's appendix A.
                let starting =
                    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "57P03");
                assert!(starting && Instant::now() < end, "{error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// A new, empty store.
pub(crate) async fn store() -> (TempDir, Store) {
    let folder = TempDir::new().expect("a folder");
    let store = match database().await {
        Some(url) => Store::open_url(&url).await,
        None => Store::open(folder.path()).await,
    };
    (folder, store.expect("opens"))
}

/// A PostgreSQL that only this machine reaches, in a temporary folder.
pub(crate) struct Postgres {
    port: u16,
    /// It runs until the shell's input ends: when this process does, however it does.
    _shell: Child,
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("tidings-postgres-").tempdir().expect("a folder").keep();
        // PostgreSQL does not run as root.
        let root = fs::metadata(&folder).is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0);
        if root {
            std::os::unix::fs::chown(&folder, Some(65534), Some(65534)).expect("chown");
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a port");
        let script = format!(
            "initdb --pgdata data --username tidings --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync > log 2>&1 &&
             {{ postgres -D data -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
                -c max_connections=200 >> log 2>&1 & }} && cat && kill -INT $! && wait; cd / && rm -rf {folder}",
            port = port.port(),
            folder = folder.display(),
        );
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).expect("a path");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(&folder).env("PATH", path).stdin(Stdio::piped()).process_group(0);
        if root {
            command.uid(65534).gid(65534);
        }
        let mut shell = command.stdout(Stdio::null()).spawn().expect("a shell");
        let end = Instant::now() + Duration::from_secs(60);
        let log = folder.join("log");
        // It listens before it answers.
        while !fs::read_to_string(&log).is_ok_and(|log| log.contains("ready to accept connections")) {
            let stopped = shell.try_wait().expect("a child").is_some();
            if stopped || Instant::now() > end {
                let log = fs::read_to_string(log).unwrap_or_default();
                let _ = shell.stdin.take().map(|mut input| input.flush());
                panic!("PostgreSQL does not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { port: port.port(), _shell: shell }
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://tidings@127.0.0.1:{}/{name}", self.port)
    }
}

/// The folder with `initdb` and `postgres`; Debian keeps them off the PATH.
fn programs() -> PathBuf {
    let has = |folder: &Path| folder.join("initdb").exists() && folder.join("postgres").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    std::env::split_paths(&path).chain(versions.into_iter().rev()).find(|folder| has(folder)).expect(
        "the tests on PostgreSQL need initdb and postgres: `npm run setup`, or on Debian `apt-get install postgresql`",
    )
}
