//! What hostile pages cost: how time grows with size, how long 16 MiB take beside a bare parse, and the peak of memory.
//!
//! `cargo bench --bench hostile`; `FAMILY=word` in the environment takes those with the word in their name. Each family
//! runs in a process of its own, whose peak (`VmHWM`, Linux only) is set back once its page is made.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints")]

#[path = "../tests/hostile/mod.rs"]
#[allow(dead_code, reason = "the tests' part")]
mod hostile;

use std::hint::black_box;
use std::io::Read;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use copydesk::batch::{Answer, Form, Source};
use copydesk::extract::probe;
use copydesk::record::{self, Options};
use hostile::Family;

const MIB: usize = 1 << 20;
/// Growth is taken over these sizes, in MiB.
const SIZES: [usize; 4] = [1, 2, 4, 8];
const LARGE: usize = 16;
const ROUNDS: usize = 3;
/// A family that takes longer has no end.
const PATIENCE: Duration = Duration::from_mins(2);

/// The bars: growth of time, seconds of a large page, bytes of memory a byte of the page and beside it.
const GROWTH: f64 = 1.2;
const SECONDS: f64 = 1.0;
const TIMES: f64 = 12.0;
const BESIDE_MIB: f64 = 64.0;

/// The variable that names the one family of a child process.
const CHILD: &str = "COPYDESK_HOSTILE_CHILD";

fn main() -> ExitCode {
    let families = hostile::all();
    if let Ok(name) = std::env::var(CHILD) {
        return families.iter().find(|f| f.name == name).map_or(ExitCode::FAILURE, |family| {
            measure(family);
            ExitCode::SUCCESS
        });
    }
    let wanted = std::env::var("FAMILY").unwrap_or_default();
    println!("{:<42} {:>7} {:>9} {:>9} {:>9}  outcome", "family", "growth", "16 MiB s", "parse s", "peak MiB");
    let (mut missed, mut failed, mut count) = (0, 0, 0);
    for family in families.iter().filter(|f| f.name.contains(&wanted)) {
        count += 1;
        if let Some(line) = in_a_process(family.name) {
            missed += usize::from(line.contains('!'));
            print!("{line}");
        } else {
            failed += 1;
            println!("{:<42} no answer within {} s", family.name, PATIENCE.as_secs());
        }
    }
    println!("\n{count} families; {failed} without an answer; {missed} over a bar (marked !)");
    ExitCode::SUCCESS
}

/// What a family's own process prints; nothing when it fails or takes too long.
fn in_a_process(name: &str) -> Option<String> {
    let mut child = Command::new(std::env::current_exe().ok()?).env(CHILD, name).stdout(Stdio::piped()).spawn().ok()?;
    let mut stdout = child.stdout.take()?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = stdout.read_to_string(&mut line);
        // Nobody waits any more where it took too long.
        let _ = sender.send(read.map(|_| line));
    });
    let line = receiver.recv_timeout(PATIENCE);
    if line.is_err() {
        // It may just have ended.
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    line.ok()?.ok().filter(|line| status.success() && !line.is_empty())
}

/// From bytes to the line of a record, as a crawl or a batch does it.
fn read(source: &Source) -> String {
    let result = match source.form {
        Form::Html => source.page().and_then(|page| {
            let reading = record::read(&page, &Options::default());
            black_box(reading.links);
            reading.article
        }),
        Form::Text => source.article(&Options::default()),
    };
    match result {
        Ok(article) => {
            let line = Answer::Record(Box::new(article)).line().map_or(0, |line| line.len());
            format!("record of {} KB", line / 1000)
        }
        Err(error) => error.kind().to_owned(),
    }
}

/// Seconds of processor time where the system tells them (Linux), so that other programs do not count; else by the clock.
fn seconds(run: impl FnOnce()) -> f64 {
    let (used, start) = (processor_seconds(), Instant::now());
    run();
    processor_seconds().zip(used).map_or_else(|| start.elapsed().as_secs_f64(), |(now, then)| now - then)
}

fn processor_seconds() -> Option<f64> {
    // The figure is brought up to date when the thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn best(rounds: usize, mut run: impl FnMut()) -> f64 {
    (0..rounds).map(|_| seconds(&mut run)).fold(f64::INFINITY, f64::min)
}

fn measure(family: &Family) {
    // Memory first: what earlier pages left to the allocator would count.
    let source = family.page(LARGE * MIB);
    let size = mib(source.bytes.len());
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let mut outcome = String::new();
    let mut large = seconds(|| outcome = read(&source));
    let peak = peak_mib();
    large = large.min(best(ROUNDS - 1, || drop(read(&source))));
    let parse = source.page().map_or(0.0, |page| {
        best(2, || {
            black_box(probe::nodes(&page.html));
        })
    });
    let points = SIZES.map(|size| {
        let source = family.page(size * MIB);
        (mib(source.bytes.len()).ln(), best(ROUNDS, || drop(black_box(read(&source)))).ln())
    });
    let growth = slope(&points);
    let mark = |over: bool| if over { '!' } else { ' ' };
    let peak_over = peak.is_some_and(|peak| peak > TIMES * size + BESIDE_MIB);
    println!(
        "{:<42} {growth:>6.2}{} {large:>8.3}{} {parse:>9.3} {:>8}{}  {outcome}",
        family.name,
        mark(growth > GROWTH),
        mark(large > SECONDS && parse < SECONDS),
        peak.map_or("?".to_owned(), |peak| format!("{peak:.0}")),
        mark(peak_over),
    );
}

/// The slope of the line through the points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.iter().map(|_| 1.0).sum::<f64>();
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
    let (mut over, mut under) = (0.0, 0.0);
    for (px, py) in points {
        over += (px - x) * (py - y);
        under += (px - x) * (px - x);
    }
    over / under
}

#[expect(clippy::cast_precision_loss, reason = "printed with a few digits")]
fn mib(bytes: usize) -> f64 {
    bytes as f64 / MIB as f64
}

/// The most memory that this process has held since its peak was set back.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
