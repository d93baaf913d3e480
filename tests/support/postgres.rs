//! A PostgreSQL server for tests: the one that `COPYDESK_TEST_POSTGRES` names, or a cluster of this process's own where
//! PostgreSQL is installed. It ends with the process, whichever way that ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// A server, and what is needed to restart it.
pub struct Cluster {
    url: String,
    own: Option<Own>,
}

/// A cluster of this process's own.
struct Own {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    /// It stops the server when its standard input ends, and that ends with this process.
    _keeper: Mutex<Child>,
}

/// The server of this process; `None`, and said so, where there is none.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let found = CLUSTER.get_or_init(|| match std::env::var("COPYDESK_TEST_POSTGRES") {
        Ok(url) => Some(Cluster { url, own: None }),
        Err(_) => start(false),
    });
    if found.is_none() {
        println!("skipped: PostgreSQL (no COPYDESK_TEST_POSTGRES, and no initdb on the path or below /usr/lib/postgresql)");
    }
    found.as_ref()
}

/// A server that one test may restart; the one of the process where there is no other.
pub fn restartable() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    cluster()?;
    CLUSTER.get_or_init(|| start(false)).as_ref().or_else(cluster)
}

impl Cluster {
    /// An address whose tables are this caller's alone.
    pub fn url(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let join = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{join}options=-csearch_path%3D{schema}", self.url)
    }

    /// Whether it is this process's to be restarted.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Ends all connections and starts the server again; `mode` is `fast` or, as a crash would, `immediate`.
    pub fn restart(&self, mode: &str) {
        let own = self.own.as_ref().unwrap();
        let log = own.data.join("restart.log");
        let mut restart = as_user(&own.bin.join("pg_ctl"));
        restart
            .arg("-D")
            .arg(&own.data)
            .args(["-s", "-w", "-m", mode, "-o", &options(&own.data, own.port, false), "-l"])
            .arg(log)
            .arg("restart");
        assert!(restart.stdin(Stdio::null()).status().unwrap().success());
    }
}

fn options(data: &Path, port: u16, is_durable: bool) -> String {
    let (folder, fsync) = (data.parent().unwrap().display(), if is_durable { "on" } else { "off" });
    format!(
        "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync={fsync} -c max_connections=100 -c shared_buffers=128MB"
    )
}

/// PostgreSQL does not run as root.
fn as_user(program: &Path) -> Command {
    match user() {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]).arg(program);
            command
        }
    }
}

/// Whom it runs as instead; `None` where this process is not root's.
fn user() -> Option<&'static str> {
    let id = Command::new("id").arg("-u").output().unwrap();
    let is_there = |name: &&str| Command::new("id").args(["-u", name]).output().is_ok_and(|out| out.status.success());
    (id.stdout.trim_ascii() == b"0").then(|| ["postgres", "nobody"].into_iter().find(is_there).unwrap())
}

/// A new cluster; one that is durable bears a power cut, as those of tests need not.
pub fn start(is_durable: bool) -> Option<Cluster> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let bin = installed.chain(std::env::split_paths(&path)).find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())?;
    let folder = tempfile::tempdir().unwrap().keep();
    if let Some(user) = user() {
        assert!(Command::new("chown").arg(user).arg(&folder).status().unwrap().success());
    }
    let data = folder.join("data");
    let mut initdb = as_user(&bin.join("initdb"));
    initdb.arg("-D").arg(&data).args(["-U", "desk", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
    assert!(initdb.stdout(Stdio::null()).status().unwrap().success());
    // Free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = "\"$1\"/pg_ctl -D \"$2\" -s -w -l \"$2\"/server.log -o \"$3\" start && echo up && cat > /dev/null
        \"$1\"/pg_ctl -D \"$2\" -s -m immediate stop; rm -rf \"$4\"";
    let mut keeper = as_user(Path::new("sh"));
    keeper.args(["-c", script, "keeper"]).arg(&bin).arg(&data).arg(options(&data, port, is_durable)).arg(&folder).current_dir(&folder);
    let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "PostgreSQL does not start: see {}", data.join("server.log").display());
        std::thread::sleep(Duration::from_millis(20));
    }
    let own = Own { bin, data, port, _keeper: Mutex::new(keeper) };
    Some(Cluster { url: format!("postgres://desk@127.0.0.1:{port}/postgres"), own: Some(own) })
}
