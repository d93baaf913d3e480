//! One run a state, one worker an output: an operating-system lock on a file beside it, free again when the process ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, Result};

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a file; who else has it holds `state`.
    pub(super) fn take(file: &Path, state: &Path) -> Result<Self> {
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        let path = Path::new(&name);
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(|e| Error::io(path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: state.to_owned() }),
            Err(TryLockError::Error(e)) => Err(Error::io(path, e)),
        }
    }
}
