//! A loopback web server with a request log and faults, and a newspaper that it serves.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::assigning_clones,
    clippy::needless_for_each,
    clippy::print_stdout,
    reason = "tests"
)]

pub mod paper;
pub mod postgres;
pub mod warc;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Hit {
    pub at: Instant,
    /// The Host header.
    pub host: String,
    pub path: String,
    pub conditional: bool,
    /// The If-None-Match header.
    pub etag: Option<String>,
    pub user_agent: String,
    /// All header fields, "name: value".
    pub fields: Vec<String>,
    /// Set when the answer has been written.
    pub status: u16,
}

/// An answer, faults included.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Wait before the answer.
    pub delay: Duration,
    /// Content-Length says more than the body has.
    pub short: bool,
    /// Close the connection without an answer.
    pub reset: bool,
    /// Wait between two pieces of the body.
    pub drip: Option<Duration>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), delay: Duration::ZERO, short: false, reset: false, drip: None }
    }

    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub fn text(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/plain", body)
    }

    pub fn not_found() -> Self {
        Self::new(404, "text/html", "<h1>Not found</h1>")
    }

    pub fn status(status: u16) -> Self {
        Self::new(status, "text/html", "<h1>Fault</h1>")
    }

    pub fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

type Handler = dyn Fn(&Hit) -> Reply + Send + Sync;

/// The server; it ends with the test's process.
#[derive(Clone)]
pub struct Server {
    pub port: u16,
    log: Arc<Mutex<Vec<Hit>>>,
    busy: Arc<Mutex<Busy>>,
}

/// Requests under way, and the most that there were at a time, by host.
#[derive(Default)]
struct Busy {
    now: BTreeMap<String, usize>,
    most: BTreeMap<String, usize>,
}

impl Server {
    pub fn start(handler: impl Fn(&Hit) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (handler, own): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&log));
        let busy = Arc::new(Mutex::new(Busy::default()));
        let counted = Arc::clone(&busy);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log, busy) = (Arc::clone(&handler), Arc::clone(&own), Arc::clone(&counted));
                std::thread::spawn(move || serve(&stream, &*handler, &log, &busy));
            }
        });
        Self { port, log, busy }
    }

    /// The most requests that were under way at a time, by host.
    pub fn most_at_a_time(&self) -> BTreeMap<String, usize> {
        self.busy.lock().unwrap().most.clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Takes the log.
    pub fn hits(&self) -> Vec<Hit> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

fn serve(stream: &TcpStream, handler: &Handler, log: &Mutex<Vec<Hit>>, busy: &Mutex<Busy>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(mut hit) = read_request(&mut reader) {
        let reply = handler(&hit);
        hit.status = reply.status;
        let host = hit.host.clone();
        {
            let Busy { now, most } = &mut *busy.lock().unwrap();
            let now = now.entry(host.clone()).or_default();
            *now += 1;
            let most = most.entry(host.clone()).or_default();
            *most = (*most).max(*now);
        }
        log.lock().unwrap().push(hit);
        std::thread::sleep(reply.delay);
        // Before the answer: once it is there, the next request may come.
        *busy.lock().unwrap().now.get_mut(&host).unwrap() -= 1;
        if answer(stream, &reply).is_err() || reply.reset || reply.short {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Hit> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let at = Instant::now();
    let path = line.split(' ').nth(1)?.to_owned();
    let mut hit =
        Hit { at, host: String::new(), path, conditional: false, etag: None, user_agent: String::new(), fields: vec![], status: 0 };
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { return Some(hit) };
        hit.fields.push(header.trim().to_owned());
        match name.to_ascii_lowercase().as_str() {
            "host" => hit.host = value.trim().to_owned(),
            "if-none-match" => (hit.conditional, hit.etag) = (true, Some(value.trim().to_owned())),
            "if-modified-since" => hit.conditional = true,
            "user-agent" => hit.user_agent = value.trim().to_owned(),
            _ => {}
        }
    }
}

fn answer(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    if reply.reset {
        return Ok(());
    }
    let length = reply.body.len() + if reply.short { 1000 } else { 0 };
    let mut head = format!("HTTP/1.1 {} x\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.status != 304 {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    match reply.drip {
        None => stream.write_all(&reply.body),
        Some(pause) => reply.body.chunks(64).try_for_each(|piece| {
            std::thread::sleep(pause);
            stream.write_all(piece)
        }),
    }
}

/// Where the state of a test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    File,
    Postgres,
}

/// The kinds of state that can be had here: what concerns the state is tested with each of them.
pub fn states() -> Vec<State> {
    let mut states = vec![State::File];
    states.extend(postgres::cluster().map(|_| State::Postgres));
    states
}

/// Waits for a process's end; one that does not end in time is killed.
pub fn ended(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a process a signal, as `-TERM`.
pub fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// How long leases are where workers share a state.
pub const LEASE: Duration = Duration::from_secs(2);

/// The name of a test's only worker.
pub const WORKER: &str = "desk";

/// A folder with a configuration, and the command run in it.
pub struct Desk {
    pub folder: tempfile::TempDir,
    pub state: State,
}

impl Desk {
    /// `config` is put behind settings that suit loopback: private addresses, no delay.
    pub fn new(config: &str) -> Self {
        Self::with(State::File, config)
    }

    /// The same with a state of some kind.
    pub fn with(state: State, config: &str) -> Self {
        match state {
            State::File => Self::made(state, config),
            State::Postgres => Self::on(postgres::cluster().unwrap(), config),
        }
    }

    /// The same with a state on a server.
    pub fn on(cluster: &postgres::Cluster, config: &str) -> Self {
        Self::made(State::Postgres, &format!("{config}\n[state]\nurl = \"{}\"\nlease = \"{}s\"\n", cluster.url(), LEASE.as_secs()))
    }

    fn made(state: State, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pipeline.toml"), config).unwrap();
        Self { folder, state }
    }

    /// A file of the folder; outputs by the names that they have where the state is a file.
    pub fn path(&self, name: &str) -> PathBuf {
        match (self.state, name) {
            (State::Postgres, "articles.jsonl" | "rejected.jsonl") => {
                self.folder.path().join(name.replace(".jsonl", &format!("-{WORKER}.jsonl")))
            }
            _ => self.folder.path().join(name),
        }
    }

    pub fn command(&self) -> Command {
        self.worker(WORKER)
    }

    /// The command, by another name.
    pub fn worker(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
        command.current_dir(self.folder.path()).args(["crawl", "--no-progress", "--worker-id", name]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a crawl to its end: exit code and standard error.
    pub fn crawl(&self, arguments: &[&str]) -> (i32, String) {
        let mut child = self.command().args(arguments).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut stderr, &mut text).unwrap();
            text
        });
        // A run that does not end fails the test instead of hanging it.
        let status = ended(&mut child, Instant::now() + Duration::from_mins(1)).map_or(-99, |status| status.code().unwrap_or(-1));
        (status, reader.join().unwrap())
    }

    /// Starts a crawl and kills it after a while.
    pub fn crawl_and_kill(&self, after: Duration) {
        let mut child = self.command().stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        let _ = child.kill();
        child.wait().unwrap();
    }

    /// The whole lines of a JSONL file; a line that is not whole fails the test.
    pub fn lines(&self, name: &str) -> Vec<serde_json::Value> {
        read_lines(&self.path(name))
    }
}

pub fn read_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(text.is_empty() || text.ends_with('\n'), "the last line of {} is torn", path.display());
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The field of each line as text.
pub fn field(lines: &[serde_json::Value], name: &str) -> Vec<String> {
    lines.iter().map(|line| line[name].as_str().map_or_else(|| line[name].to_string(), str::to_owned)).collect()
}

/// Settings for loopback; `extra` goes below `[crawl]`.
pub fn config(seed: &str, extra: &str) -> String {
    let mut politeness = "per_host_delay = \"0s\"\nper_host_concurrency = 8\ncontact = \"https://desk.invalid/\"\n".to_owned();
    let mut crawl = extra.to_owned();
    if let Some((before, own)) = extra.split_once("[politeness]\n") {
        politeness = own.to_owned();
        crawl = before.to_owned();
    }
    format!("[crawl]\nseeds = [\"{seed}\"]\n{crawl}\n[http]\nallow_private_addresses = true\n[politeness]\n{politeness}")
}
