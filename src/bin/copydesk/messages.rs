//! What a person reads when something failed: which input, why, and what to do. On standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use copydesk::error::{Error, without_number};

/// An input is shown up to this many characters.
const MAX_SHOWN_CHARS: usize = 200;

/// Exit code of a usage or configuration error.
pub(crate) const USAGE: u8 = 2;

/// An input as it was typed, with control characters escaped, cut to a length that a line bears.
pub(crate) fn shown(input: &str) -> String {
    let mut out = String::new();
    for (count, c) in input.chars().enumerate() {
        if count == MAX_SHOWN_CHARS {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// Says what became of an input.
pub(crate) fn input_failed(input: &str, error: &Error) {
    let cause = match error {
        // The path is the input, or a stand-in for a stream.
        Error::Io { source, .. } => without_number(&source.to_string()),
        other => without_number(&other.to_string()),
    };
    say(&format!("error: {}: {}", shown(input), shown(&cause)), error.hint().as_deref());
}

/// A line on standard error with what to do about it; a closed standard error is not worth a failure.
pub(crate) fn say(line: &str, hint: Option<&str>) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{line}");
    if let Some(hint) = hint {
        let _ = writeln!(out, "  hint: {hint}");
    }
}

/// Refuses to print a page to a terminal, to which HTML says nothing.
pub(crate) fn refuse_terminal(file: &str) -> Result<(), Error> {
    if !io::stdout().is_terminal() {
        return Ok(());
    }
    let message = "the page is HTML, which a terminal does not show".to_owned();
    Err(Error::Config { message, hint: Some(format!("write it to a file with -o {file}, and open that in a browser")) })
}

/// Prints a page to standard output.
pub(crate) fn print_page(html: &str) -> Result<(), Error> {
    io::stdout().lock().write_all(html.as_bytes()).map_err(|e| Error::io("standard output", e))
}

/// Says why a command ended, and gives its exit code. A closed pipe is success.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    if closed_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let known = error.chain().find_map(|e| e.downcast_ref::<Error>());
    say(&format!("error: {}", causes(error)), known.and_then(Error::hint).as_deref());
    ExitCode::from(match known {
        Some(Error::Config { .. }) => USAGE,
        Some(Error::Locked { .. }) => 75,
        _ => 1,
    })
}

fn closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        let io = e.downcast_ref::<io::Error>().map(io::Error::kind);
        let own = match e.downcast_ref::<Error>() {
            Some(Error::Io { source, .. }) => Some(source.kind()),
            _ => None,
        };
        io.or(own) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// The error and its causes, each said once: the library's errors name their cause themselves.
fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for text in error.chain().map(|e| without_number(&e.to_string())) {
        if said.is_empty() {
            said = text;
        } else if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
    }
    said
}
