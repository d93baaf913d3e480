//! A loopback server for the pages of a world, quick enough not to be what is measured.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::world::World;

/// Requests as they came in: the `Host` and when.
type Log = Arc<Mutex<Vec<(String, Instant)>>>;

/// Serves until the process ends; a thread a connection.
pub(crate) struct Server {
    pub(crate) port: u16,
    log: Log,
}

impl Server {
    pub(crate) fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (world, log): (_, Log) = (Arc::new(world), Arc::default());
        let own = Arc::clone(&log);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (world, log) = (Arc::clone(&world), Arc::clone(&own));
                // Small stacks: there are a thousand of them.
                let thread = std::thread::Builder::new().stack_size(256 * 1024);
                thread.spawn(move || talk(&stream, &world, &log)).unwrap();
            }
        });
        Self { port, log }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn log(&self) -> Vec<(String, Instant)> {
        self.log.lock().unwrap().clone()
    }
}

/// Answers until the client goes away.
fn talk(mut stream: &TcpStream, world: &World, log: &Log) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut host) = (String::new(), String::new());
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let at = Instant::now();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok().filter(|n| *n > 0)?;
            match header.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("host") => value.trim().clone_into(&mut host),
                Some(_) => {}
                None => break,
            }
        }
        log.lock().unwrap().push((host.clone(), at));
        let (status, kind, body) = world.answer(line.split(' ').nth(1)?, &host);
        let head = format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nETag: \"1\"\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).ok()?;
    }
}
