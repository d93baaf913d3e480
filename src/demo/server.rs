//! Just enough of HTTP/1.1 to be crawled: GET and HEAD, connections kept open, one thing at a time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::demo::edition::{Answer, Newspaper};

/// A request's head may be this long.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// A connection may be idle for this long.
const IDLE: Duration = Duration::from_mins(1);

/// Serves the papers until the task is dropped.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, newspaper: Arc<Newspaper>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let newspaper = Arc::clone(&newspaper);
        tokio::spawn(async move {
            // A reader that goes away is no fault of the server.
            let _ = talk(stream, &newspaper).await;
        });
    }
}

async fn talk(mut stream: TcpStream, newspaper: &Newspaper) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(head) = read_head(&mut stream, &mut buffer).await? {
        let Some(request) = Request::parse(&head) else {
            let refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return stream.write_all(refusal).await;
        };
        let answer = newspaper.answer(&request.host, &request.path, request.if_none_match.as_deref());
        stream.write_all(&encode(&answer, request.head_only)).await?;
        if request.close {
            break;
        }
    }
    stream.shutdown().await
}

/// The next request's head; `None` when the client is done.
async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<String>> {
    loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            let rest = buffer.split_off(end + 4);
            let head = std::mem::replace(buffer, rest);
            return Ok(Some(String::from_utf8_lossy(&head).into_owned()));
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Ok(None);
        }
        match tokio::time::timeout(IDLE, stream.read_buf(buffer)).await {
            Ok(Ok(1..)) => {}
            Ok(Err(error)) => return Err(error),
            Ok(Ok(0)) | Err(_) => return Ok(None),
        }
    }
}

/// What counts of a request.
struct Request {
    host: String,
    path: String,
    head_only: bool,
    close: bool,
    if_none_match: Option<String>,
}

impl Request {
    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let mut request =
            Self { host: String::new(), path: path.to_owned(), head_only: method == "HEAD", close: false, if_none_match: None };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "host" => request.host = value.to_ascii_lowercase(),
                "connection" => request.close = value.eq_ignore_ascii_case("close"),
                "if-none-match" => request.if_none_match = Some(value.to_owned()),
                _ => {}
            }
        }
        (matches!(method, "GET" | "HEAD") && path.starts_with('/')).then_some(request)
    }
}

fn encode(answer: &Answer, head_only: bool) -> Vec<u8> {
    let reason = match answer.status {
        200 => "OK",
        301 => "Moved Permanently",
        304 => "Not Modified",
        _ => "Not Found",
    };
    let mut head = vec![format!("HTTP/1.1 {} {reason}", answer.status)];
    head.extend(answer.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if answer.status != 304 {
        head.push(format!("Content-Length: {}", answer.body.len()));
    }
    let mut out = head.join("\r\n").into_bytes();
    out.extend_from_slice(b"\r\n\r\n");
    if !head_only {
        out.extend_from_slice(&answer.body);
    }
    out
}
