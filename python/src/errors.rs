//! The library's errors as Python's.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pyo3::create_exception!(copydesk, Error, PyValueError, "A page that gives no record; `kind` is the stable name of the reason.");

/// The exception of an error: Python's own where a file can't be read, else `copydesk.Error` with the library's message.
pub(crate) fn raised(py: Python<'_>, error: &copydesk::Error) -> PyErr {
    if let copydesk::Error::Io { source, .. } = error {
        return std::io::Error::new(source.kind(), error.to_string()).into();
    }
    let raised = Error::new_err(error.to_string());
    match raised.value(py).setattr("kind", error.kind()) {
        Ok(()) => raised,
        Err(other) => other,
    }
}
