//! A WARC file → batches of its records.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use copydesk::batch::{self, Archive, Settings};
use copydesk::decode::warc::Census;
use copydesk::export::arrow::{self, Row};
use copydesk::fetch::HttpConfig;
use copydesk::record::Options;
use copydesk::{Error, Result};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;

use crate::errors::raised;
use crate::threads_or_all;

/// Batches that may wait for Python: one is read while the next is made.
const WAITING: usize = 1;
/// Time between two looks at whether Ctrl-C was pressed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the reading thread gives.
enum Given {
    Batch(Result<RecordBatch>),
    /// The file is read.
    End(Result<Census>),
}

/// The batches of a WARC file, in its order.
#[pyclass(frozen)]
pub(crate) struct WarcBatches {
    name: String,
    given: Mutex<Receiver<Given>>,
    stop: Arc<AtomicBool>,
}

/// A WARC file → its records, batch by batch, in the order of the file.
#[pyfunction]
#[pyo3(signature = (path, threads = None, batch_rows = NonZeroUsize::new(256)))]
#[allow(clippy::needless_pass_by_value, reason = "as Python hands it over")]
pub(crate) fn extract_warc(
    py: Python<'_>,
    path: PathBuf,
    threads: Option<NonZeroUsize>,
    batch_rows: Option<NonZeroUsize>,
) -> PyResult<WarcBatches> {
    let input = File::open(&path).map_err(|error| raised(py, &Error::io(&path, error)))?;
    let settings =
        Settings { jobs: threads_or_all(threads), max_body_bytes: HttpConfig::default().max_body_bytes, options: Options::default() };
    let (send, given) = sync_channel(WAITING);
    let stop = Arc::new(AtomicBool::new(false));
    let archive = Archive { input, offset: 0, stop: Arc::clone(&stop) };
    let rows = batch_rows.map_or(usize::MAX, NonZeroUsize::get);
    thread::Builder::new().spawn(move || read(archive, &settings, rows, &send))?;
    Ok(WarcBatches { name: path.display().to_string(), given: Mutex::new(given), stop })
}

/// Reads the file to its end, or until nobody wants more.
fn read(archive: Archive<File>, settings: &Settings, size: usize, send: &SyncSender<Given>) {
    let mut rows = Vec::new();
    let hand = |rows: &mut Vec<Row>| {
        let batch = arrow::batch(&std::mem::take(rows));
        send.send(Given::Batch(batch)).map_err(|_| Error::Internal("nobody reads on".to_owned()))
    };
    let mut ended = batch::each_of_warc(archive, settings, |article| {
        rows.push(Row::record(&article)?);
        if rows.len() < size { Ok(()) } else { hand(&mut rows) }
    });
    if !rows.is_empty()
        && let Err(error) = hand(&mut rows)
    {
        ended = Err(error);
    }
    // Nobody there to read it is nobody who misses it.
    let _ = send.send(Given::End(ended));
}

#[pymethods]
impl WarcBatches {
    fn __iter__(own: PyRef<'_, Self>) -> PyRef<'_, Self> {
        own
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyArrowType<RecordBatch>>> {
        let next = loop {
            match py.detach(|| self.given.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK_EVERY)) {
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                next => break next,
            }
        };
        match next {
            Ok(Given::Batch(batch)) => batch.map(|batch| Some(PyArrowType(batch))).map_err(|error| raised(py, &error)),
            Ok(Given::End(Ok(census))) => self.warn(py, &census).map(|()| None),
            Ok(Given::End(Err(Error::Io { source, .. }))) => Err(raised(py, &Error::io(&self.name, source))),
            Ok(Given::End(Err(error))) => Err(raised(py, &error)),
            // It has ended before.
            Err(_) => Ok(None),
        }
    }
}

impl WarcBatches {
    /// Tells of damaged places, in the words of the command line.
    fn warn(&self, py: Python<'_>, census: &Census) -> PyResult<()> {
        let warn = |text: String| {
            let text = std::ffi::CString::new(text.replace('\0', " "))?;
            PyErr::warn(py, &py.get_type::<PyUserWarning>(), &text, 1)
        };
        for (offset, what) in &census.damages {
            warn(format!("{}: damaged at byte {offset}: {what}; left out", self.name))?;
        }
        match census.damaged - census.damages.len() as u64 {
            0 => Ok(()),
            untold => warn(format!("{}: {untold} more damaged places", self.name)),
        }
    }
}

impl Drop for WarcBatches {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
