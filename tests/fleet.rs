//! Several workers share one state: nothing lost, nothing twice, no host asked too early, whoever is killed and whenever.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::paper::Paper;
use support::postgres::{cluster, restartable};
use support::{Desk, Hit, LEASE, Reply, Server, State, field, signal};

const HOSTS: usize = 12;
/// Of each host; every tenth asks not to be indexed.
const ARTICLES: usize = 20;
const WORKERS: usize = 4;
/// Kills, restarts of the server and halts, together.
const DISTURBANCES: usize = 14;
const DELAY: Duration = Duration::from_millis(120);
/// A clock's tick and the way through the loopback: how much earlier a request may seem to come.
const BLUR: Duration = Duration::from_millis(8);
/// How long after a halted worker goes on a request may come that it had handed out before: no worker can call that back.
const LATE: Duration = Duration::from_millis(500);

/// Papers that link to each other: a front page's `/away` leads to a story of the next host.
fn world() -> Server {
    let paper = Paper::new(ARTICLES).with_faults();
    let seen: std::sync::Mutex<BTreeMap<(String, String), u32>> = std::sync::Mutex::default();
    Server::start(move |hit| {
        let times = {
            let mut seen = seen.lock().unwrap();
            let times = seen.entry((hit.host.clone(), hit.path.clone())).or_default();
            *times += 1;
            *times
        };
        let (name, port) = hit.host.split_once(".example:").unwrap();
        let next = (name[1..].parse::<usize>().unwrap() + 1) % HOSTS;
        match hit.path.as_str() {
            "/away" => Reply::redirect(&format!("http://h{next}.example:{port}/2024/story-3.html")),
            "/" => {
                let mut reply = paper.reply(hit, times);
                reply.body.extend_from_slice(b"<a href=/away>A story of another paper</a>");
                reply
            }
            _ => paper.reply(hit, times),
        }
    })
}

fn settings(server: &Server, delay: Duration) -> String {
    let seeds: Vec<String> = (0..HOSTS).map(|n| format!("http://h{n}.example:{}/", server.port)).collect();
    let resolve: String = (0..HOSTS).map(|n| format!("\"h{n}.example\" = \"127.0.0.1\"\n")).collect();
    format!(
        "[crawl]\nseeds = {seeds:?}\n[http]\nallow_private_addresses = true\n[http.resolve]\n{resolve}[politeness]\n\
         contact = \"https://desk.invalid/\"\nper_host_delay = \"{}ms\"\n[dedup]\nnear_duplicates = \"off\"\n",
        delay.as_millis()
    )
}

/// URL, without the port, and title of each record that any worker wrote; one that was written twice fails the test.
fn written(desk: &Desk, port: u16) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(desk.folder.path()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with("articles") && entry.path().extension().is_some_and(|e| e == "jsonl") {
            let lines = support::read_lines(&entry.path());
            // Of the spellings of a story's address any may be the one that it was read at.
            let urls = field(&lines, "url").into_iter().map(|url| url.replacen(&format!(":{port}/"), "/", 1));
            let urls = urls.map(|url| url.split('?').next().unwrap().to_owned());
            for one in urls.zip(field(&lines, "title")) {
                assert!(all.insert(one.clone()), "{one:?} was written twice, the second time to {name}");
            }
        }
    }
    all
}

/// The shortest time between two requests to one host, and which two they were.
fn shortest_gap(mut hits: Vec<Hit>) -> (Duration, String) {
    hits.sort_by_key(|hit| hit.at);
    let mut last: BTreeMap<String, Hit> = BTreeMap::new();
    let gaps = hits.into_iter().filter_map(|hit| {
        let before = last.insert(hit.host.clone(), hit.clone())?;
        Some((hit.at - before.at, format!("{}: {} and {}", hit.host, before.path, hit.path)))
    });
    gaps.min().unwrap()
}

/// Takes out what a halted worker had handed out when it was halted: what comes of it when it goes on, one request a host, of
/// a page that its log then tells to be another's.
fn without_late(mut hits: Vec<Hit>, halts: &[(usize, Instant)], desk: &Desk) -> (Vec<Hit>, usize) {
    let all = hits.len();
    for (worker, went_on) in halts {
        let (log, name) = (log_of(desk, *worker), format!("x-worker: w{worker}"));
        let lost = log.lines().filter_map(|line| line.split_once("the worker that has the host now url=http://"));
        let lost: BTreeSet<&str> = lost.map(|(_, url)| url).collect();
        let mut hosts = BTreeSet::new();
        hits.retain(|hit| {
            let is_its = hit.fields.iter().any(|field| field.eq_ignore_ascii_case(&name));
            let is_late =
                is_its && (*went_on..*went_on + LATE).contains(&hit.at) && lost.contains(format!("{}{}", hit.host, hit.path).as_str());
            !(is_late && hosts.insert(hit.host.clone()))
        });
    }
    let late = all - hits.len();
    (hits, late)
}

/// Fails where a host was asked earlier than it should be.
fn assert_polite(gap: Duration, pair: &str, desk: &Desk) {
    assert!(gap + BLUR >= DELAY, "{}\n{gap:?} where {DELAY:?} was asked, {pair}", logs(desk));
}

/// Starts a worker, whose requests name it.
fn start(desk: &Desk, worker: &str) -> Child {
    let settings = std::fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let config = format!("{worker}.toml");
    std::fs::write(desk.path(&config), settings.replace("[http]\n", &format!("[http]\nheaders = {{ X-Worker = \"{worker}\" }}\n")))
        .unwrap();
    let log = std::fs::File::options().create(true).append(true).open(desk.path(&format!("{worker}.log"))).unwrap();
    desk.worker(worker).args(["-v", "--config", &config]).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Waits for their ends; one that does not end fails the test.
fn ended(workers: &mut [Child], desk: &Desk, time: Duration) -> Vec<i32> {
    let until = Instant::now() + time;
    let ends: Vec<_> = workers.iter_mut().map(|worker| support::ended(worker, until)).collect();
    let codes: Option<Vec<_>> = ends.iter().map(|end| end.map(|status| status.code().unwrap_or(-1))).collect();
    codes.unwrap_or_else(|| panic!("{}\nnot all workers end within {time:?}: {ends:?}", logs(desk)))
}

fn logs(desk: &Desk) -> String {
    (0..WORKERS).map(|n| format!("--- w{n}\n{}", log_of(desk, n))).collect()
}

fn log_of(desk: &Desk, worker: usize) -> String {
    std::fs::read_to_string(desk.path(&format!("w{worker}.log"))).unwrap_or_default()
}

#[test]
fn killed_halted_and_cut_off_nothing_is_lost_nothing_twice_and_no_host_asked_too_early() {
    let Some(cluster) = restartable() else { return };
    let server = world();
    let alone = Desk::new(&settings(&server, Duration::ZERO));
    let (code, log) = alone.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let expected = written(&alone, server.port);
    assert_eq!(expected.len(), HOSTS * (ARTICLES - ARTICLES / 10));

    let server = world();
    let seed: u64 = std::env::var("COPYDESK_KILL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_240_501);
    println!("COPYDESK_KILL_SEED={seed}");
    let mut random = seed;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let desk = Desk::on(cluster, &settings(&server, DELAY));
    let mut workers: Vec<Child> = (0..WORKERS).map(|n| start(&desk, &format!("w{n}"))).collect();
    let (mut kills, mut restarts, mut halts) = (0, 0, Vec::new());
    for round in 0..DISTURBANCES {
        std::thread::sleep(Duration::from_millis(250 + next(400) as u64));
        let which = next(WORKERS);
        match round % 7 {
            1 | 4 if cluster.is_own() => {
                cluster.restart(if round % 2 == 0 { "immediate" } else { "fast" });
                restarts += 1;
            }
            // Others take what it holds.
            6 => {
                signal(&workers[which], "-STOP");
                std::thread::sleep(LEASE + Duration::from_millis(500));
                halts.push((which, Instant::now()));
                signal(&workers[which], "-CONT");
            }
            _ => {
                let _ = workers[which].kill();
                workers[which].wait().unwrap();
                kills += 1;
            }
        }
        for (n, worker) in workers.iter_mut().enumerate() {
            if worker.try_wait().unwrap().is_some() {
                *worker = start(&desk, &format!("w{n}"));
            }
        }
    }
    let before = written_by_now(&desk);
    let codes = ended(&mut workers, &desk, Duration::from_mins(1));
    assert!(codes.iter().all(|code| *code == 0), "{codes:?}\n{}", logs(&desk));
    // What was given up meanwhile is due in the next run.
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let found = written(&desk, server.port);
    let (missing, surplus): (Vec<_>, Vec<_>) = (expected.difference(&found).collect(), found.difference(&expected).collect());
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}\n{}", logs(&desk));
    let (hits, late) = without_late(server.hits(), &halts, &desk);
    let (requests, halts) = (hits.len(), halts.len());
    let (gap, pair) = shortest_gap(hits);
    println!(
        "{} articles once each by {WORKERS} workers, {before} of them before the last of {kills} kills, {restarts} restarts of PostgreSQL and {halts} halts; \
         {requests} requests, never less than {gap:?} apart at a host where {DELAY:?} was asked; {late} more that were handed out before a halt",
        found.len()
    );
    assert!(kills + restarts + halts >= 10);
    assert_polite(gap, &pair, &desk);
}

#[test]
fn a_worker_that_was_halted_goes_on_with_the_hosts_that_nobody_took_meanwhile() {
    let Some(cluster) = cluster() else { return };
    let server = world();
    let desk = Desk::on(cluster, &settings(&server, DELAY));
    let mut worker = [start(&desk, "w0")];
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(600));
        signal(&worker[0], "-STOP");
        std::thread::sleep(LEASE + Duration::from_millis(200));
        signal(&worker[0], "-CONT");
    }
    assert_eq!(ended(&mut worker, &desk, Duration::from_mins(1)), [0], "{}", logs(&desk));
    assert_eq!(written(&desk, server.port).len(), HOSTS * (ARTICLES - ARTICLES / 10));
    let (gap, pair) = shortest_gap(server.hits());
    println!("halted: never less than {gap:?} apart, {pair}");
    assert_polite(gap, &pair, &desk);
}

/// Records, as far as they are whole.
fn written_by_now(desk: &Desk) -> usize {
    let files = std::fs::read_dir(desk.folder.path()).unwrap().flatten();
    let files = files.filter(|entry| entry.file_name().to_string_lossy().starts_with("articles"));
    files.map(|entry| std::fs::read_to_string(entry.path()).unwrap().lines().count()).sum()
}

/// Stands before a server and cuts each fifth commit off: by turns before it comes there, and before its answer comes back.
fn cutting(url: &str) -> (String, Arc<AtomicUsize>) {
    let (before, rest) = url.split_once("@127.0.0.1:").unwrap();
    let (port, after) = rest.split_once('/').unwrap();
    let port: u16 = port.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let (commits, cuts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&cuts);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            let (commits, cuts) = (Arc::clone(&commits), Arc::clone(&counted));
            std::thread::spawn(move || relay(&client, &server, &commits, &cuts));
        }
    });
    (format!("{before}@127.0.0.1:{own}/{after}"), cuts)
}

fn relay(mut client: &TcpStream, mut server: &TcpStream, commits: &AtomicUsize, cuts: &AtomicUsize) {
    let mut buffer = [0; 16384];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let bytes = &buffer[..length];
        let is_cut = bytes.ends_with(b"COMMIT\0") && commits.fetch_add(1, Ordering::SeqCst) % 5 == 4;
        if is_cut && cuts.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            break;
        }
        if is_cut {
            let _ = client.shutdown(Shutdown::Write);
        }
        if server.write_all(bytes).is_err() {
            break;
        }
        if is_cut {
            std::thread::sleep(Duration::from_millis(30));
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

#[test]
fn a_commit_whose_answer_is_lost_counts_once() {
    let Some(cluster) = cluster() else { return };
    let server = Paper::new(ARTICLES * 3).serve();
    let (url, cuts) = cutting(&cluster.url());
    let shared = format!("[state]\nurl = \"{url}\"\nlease = \"10s\"\n");
    let desk = Desk::new(&support::config(&server.url("/"), "[politeness]\nper_host_delay = \"3ms\"\nper_host_concurrency = 2\n"));
    let config = std::fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    std::fs::write(desk.path("pipeline.toml"), config + &shared).unwrap();
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let (found, cuts) = (written(&desk, server.port), cuts.load(Ordering::SeqCst));
    assert_eq!(found.len(), ARTICLES * 3 - ARTICLES * 3 / 10, "{log}");
    let rejected = support::read_lines(&desk.path(&format!("rejected-{}.jsonl", support::WORKER)));
    let told: BTreeSet<_> = rejected.iter().map(|line| (line["url"].to_string(), line["reason"].to_string())).collect();
    assert_eq!(told.len(), rejected.len(), "a reason is told once");
    let made = log.matches("is_made=true").count();
    println!("{cuts} commits cut off, {made} of them made all the same; {} articles once each", found.len());
    assert!(made > 0 && log.contains("is_made=false"), "{log}");
}

#[test]
fn a_worker_that_is_told_to_end_hands_its_hosts_over() {
    if cluster().is_none() {
        return;
    }
    let server = world();
    let desk = Desk::with(State::Postgres, &settings(&server, DELAY).replace("[crawl]\n", "[crawl]\nmax_depth = 1\n"));
    let first = start(&desk, "w0");
    let until = Instant::now() + Duration::from_secs(20);
    let mut hits = Vec::new();
    while hits.len() < 30 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
        hits.extend(server.hits());
    }
    let second = start(&desk, "w1");
    std::thread::sleep(Duration::from_millis(300));
    signal(&first, "-TERM");
    assert_eq!(ended(&mut [first, second], &desk, Duration::from_secs(40)), [130, 0], "{}", logs(&desk));
    hits.extend(server.hits());
    assert!(desk.folder.path().join("articles-w1.jsonl").metadata().unwrap().len() > 0, "{}", logs(&desk));
    let rejected = |n: usize| support::read_lines(&desk.folder.path().join(format!("rejected-w{n}.jsonl")));
    let told: Vec<_> =
        [rejected(0), rejected(1)].concat().iter().map(|line| (line["url"].to_string(), line["reason"].to_string())).collect();
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "a reason is told once by all together");
    let (_, log) = desk.crawl(&[]);
    assert!(log.contains("0 new articles"), "all of it was done: {log}");
    let (gap, pair) = shortest_gap(hits);
    println!("handed over: never less than {gap:?} apart, {pair}");
    assert_polite(gap, &pair, &desk);
}

#[test]
fn a_password_is_told_to_nobody_and_a_state_out_of_reach_is_an_error() {
    let desk = Desk::new("[crawl]\nseeds = [\"http://127.0.0.1:9/\"]\n[state]\nurl = \"postgres://desk:s3cret@127.0.0.1:9/news\"\n");
    let (code, log) = desk.crawl(&["-vv"]);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("postgres://127.0.0.1:9/news") && log.contains("can't be reached") && !log.contains("s3cret"), "{log}");
    let mut check = Command::new(env!("CARGO_BIN_EXE_copydesk"));
    let plan = check.arg("check").current_dir(desk.folder.path()).output().unwrap();
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains("postgres://127.0.0.1:9/news") && !plan.contains("s3cret"), "{plan}");
    let desk = Desk::new("[crawl]\nseeds = [\"http://127.0.0.1:9/\"]\n[state]\nurl = \"mysql://desk:s3cret@127.0.0.1/news\"\n");
    let (code, log) = desk.crawl(&[]);
    assert!(code == 2 && log.contains("[state] url") && !log.contains("s3cret"), "{log}");
}
