//! copydesk for Python: the library's own functions, with records as dicts and Arrow batches.
//!
//! Whatever takes time runs without the interpreter's lock, on threads whose stacks nested pages fit into.

mod columns;
mod errors;
mod page;
mod warc;

use std::num::NonZeroUsize;

use arrow_array::RecordBatch;
use arrow_pyarrow::{FromPyArrow, PyArrowType};
use arrow_schema::Schema;
use copydesk::batch;
use copydesk::dedup::Fingerprint;
use copydesk::export::arrow;
use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::columns::Columns;
use crate::errors::raised;
use crate::page::{Html, Page, Request};

/// Threads where nobody says how many.
fn threads_or_all(threads: Option<NonZeroUsize>) -> usize {
    threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// One page → its record.
#[pyfunction]
#[pyo3(signature = (html, url = None))]
fn extract<'py>(html: &Bound<'py, PyAny>, url: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
    let py = html.py();
    let html = Html::of(html)?;
    // The line that the command line writes, read by Python: so the two can't differ.
    let line = py.detach(|| {
        let mut lines = batch::each(1, 1, |_| html.view().article(url).map(|article| serde_json::to_string(&article)))?;
        lines.pop().unwrap_or(Err(copydesk::Error::NoContent))
    });
    let line = line.map_err(|error| raised(py, &error))?.map_err(|error| PyValueError::new_err(error.to_string()))?;
    py.import("json")?.call_method1("loads", (line,))
}

/// Many pages → a batch with a row for each, in their order.
#[pyfunction]
#[pyo3(signature = (pages, threads = None))]
fn extract_many(pages: &Bound<'_, PyAny>, threads: Option<NonZeroUsize>) -> PyResult<PyArrowType<RecordBatch>> {
    let (py, threads) = (pages.py(), threads_or_all(threads));
    let answer = if let Ok(list) = pages.cast::<PyList>() {
        let requests = list.iter().map(|item| Request::of(&item)).collect::<PyResult<Vec<_>>>()?;
        rows(py, requests.len(), threads, |number| requests[number].view())
    } else if pages.hasattr("__arrow_c_array__")? {
        let input = RecordBatch::from_pyarrow_bound(pages)?;
        let columns = Columns::of(&input)?;
        rows(py, input.num_rows(), threads, |number| columns.page(number))
    } else {
        let message =
            format!("pages are a list or a pyarrow.RecordBatch, not {}; of a table, give its to_batches()", pages.get_type().name()?);
        return Err(PyTypeError::new_err(message));
    };
    answer.map(PyArrowType)
}

/// The rows of pages, without the interpreter's lock; Ctrl-C is heard meanwhile.
fn rows<'a>(py: Python<'_>, count: usize, threads: usize, page: impl Fn(usize) -> Page<'a> + Sync + Send) -> PyResult<RecordBatch> {
    let mut signals = Ok(());
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone holds for one lifetime only")]
    let goes_on = || {
        signals = Python::attach(|py| py.check_signals());
        signals.is_ok()
    };
    let batch = py.detach(|| {
        let rows = batch::each_while(count, threads, |number| page(number).row(), goes_on)?;
        rows.map(|rows| arrow::batch(&rows.into_iter().collect::<copydesk::Result<Vec<_>>>()?)).transpose()
    });
    let interrupted = || signals.err().unwrap_or_else(|| PyKeyboardInterrupt::new_err(()));
    batch.map_err(|error| raised(py, &error))?.ok_or_else(interrupted)
}

/// The columns of `extract_many` and `extract_warc`.
#[pyfunction]
fn schema(py: Python<'_>) -> PyResult<PyArrowType<Schema>> {
    arrow::schema().map(PyArrowType).map_err(|error| raised(py, &error))
}

/// The bands of a text's `MinHash` signature; none of one too short to tell.
#[pyfunction]
fn dedup_signature(py: Python<'_>, text: &str) -> Option<Vec<i64>> {
    // Signed, for Spark and Java know no other.
    py.detach(|| Fingerprint::of(text).map(|print| print.bands().iter().map(|band| band.cast_signed()).collect()))
}

/// Whether two texts are near copies, as `copydesk dedup` judges candidates.
#[pyfunction]
#[pyo3(signature = (first, second, similarity = 0.8))]
fn is_near_copy(py: Python<'_>, first: &str, second: &str, similarity: f64) -> bool {
    py.detach(|| Fingerprint::of(first).zip(Fingerprint::of(second)).is_some_and(|(first, second)| first.is_copy(&second, similarity)))
}

/// The compiled part of the package `copydesk`.
#[pymodule]
fn _copydesk(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<errors::Error>())?;
    module.add_class::<warc::WarcBatches>()?;
    module.add_function(wrap_pyfunction!(extract, module)?)?;
    module.add_function(wrap_pyfunction!(extract_many, module)?)?;
    module.add_function(wrap_pyfunction!(warc::extract_warc, module)?)?;
    module.add_function(wrap_pyfunction!(schema, module)?)?;
    module.add_function(wrap_pyfunction!(dedup_signature, module)?)?;
    module.add_function(wrap_pyfunction!(is_near_copy, module)?)
}
