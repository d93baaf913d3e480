//! The WARC of a run: a new file each run, and another when it has grown large.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::fetch::now_ms;
use crate::write::append::{AppendFile, Mark};
use crate::write::warc::record::{Ids, Record};

/// What names of files made here begin and end with.
const NAME: (&str, &str) = ("copydesk-", ".warc.gz");

/// Where WARC files go, and what they say of the crawl.
#[derive(Debug, Clone)]
pub struct WarcConfig {
    /// The folder.
    pub folder: PathBuf,
    /// The `User-Agent` of the requests.
    pub user_agent: String,
    /// Whether robots.txt is obeyed.
    pub respect_robots: bool,
    /// From this size on, the next batch goes into a new file.
    pub max_bytes: u64,
}

impl WarcConfig {
    /// How large a file grows: a gigabyte, as is usual.
    pub const MAX_BYTES: u64 = 1 << 30;
}

/// Told of a name before its file is made.
pub(crate) type Claim<'a> = &'a dyn Fn(&Path) -> Result<()>;

/// The file that is appended to. It begins with a `warcinfo` record.
#[derive(Debug)]
pub(crate) struct WarcFile {
    file: AppendFile,
    config: WarcConfig,
    stamp: String,
    number: u32,
}

impl WarcFile {
    /// The first file of a run, with the name of the worker in its own where there are several. Nothing stands in it before
    /// the first commit.
    pub(crate) fn create(config: &WarcConfig, run_start: i64, worker: &str, claim: Claim<'_>) -> Result<Self> {
        let mut stamp = jiff::Timestamp::from_millisecond(run_start).unwrap_or_default().strftime("%Y%m%d%H%M%S").to_string();
        if !worker.is_empty() {
            stamp = format!("{stamp}-{worker}");
        }
        Self::numbered(config, stamp, 0, claim)
    }

    /// The file after this one.
    pub(crate) fn next(&self, claim: Claim<'_>) -> Result<Self> {
        Self::numbered(&self.config, self.stamp.clone(), self.number + 1, claim)
    }

    /// Two runs may begin in one second: the first number that is free.
    fn numbered(config: &WarcConfig, stamp: String, mut number: u32, claim: Claim<'_>) -> Result<Self> {
        std::fs::create_dir_all(&config.folder).map_err(|e| Error::io(&config.folder, e))?;
        loop {
            let name = format!("{}{stamp}-{number:05}{}", NAME.0, NAME.1);
            let path = config.folder.join(&name);
            if !path.exists() {
                claim(&path)?;
                if let Some(mut file) = AppendFile::create(&path, "warc")? {
                    file.push(&warcinfo(config, &name));
                    return Ok(Self { file, config: config.clone(), stamp, number });
                }
            }
            number += 1;
        }
    }

    /// Whether the next batch belongs into another file: this one is large, or was moved away.
    pub(crate) fn is_over(&self) -> bool {
        self.file.mark().bytes >= self.config.max_bytes || self.file.was_moved()
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Adds packed records to the next commit.
    pub(crate) fn push(&mut self, records: &[u8]) {
        self.file.push(records);
    }

    pub(crate) fn pending(&self) -> usize {
        self.file.pending()
    }

    pub(crate) fn flush(&mut self, marks: &mut Vec<(PathBuf, Mark)>) -> Result<()> {
        self.file.flush_to(marks)
    }

    pub(crate) fn settle(&mut self) {
        self.file.settle();
    }

    pub(crate) fn abandon(&mut self) -> Result<()> {
        self.file.abandon()
    }

    pub(crate) fn mark(&self) -> Mark {
        self.file.mark()
    }
}

/// Whether a file was made here, by its name.
pub(crate) fn is_warc(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(NAME.0) && name.ends_with(NAME.1))
}

fn warcinfo(config: &WarcConfig, name: &str) -> Vec<u8> {
    let robots = if config.respect_robots { "obey" } else { "ignore" };
    let block = format!(
        "software: copydesk/{}\r\nformat: WARC File Format 1.1\r\n\
         conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
         robots: {robots}\r\nhttp-header-user-agent: {}\r\n",
        env!("CARGO_PKG_VERSION"),
        config.user_agent
    );
    let (id, fields) = (Ids::default().next(), vec![("WARC-Filename", name.to_owned())]);
    let (block, mut out) = ([block.as_bytes(), b""], Vec::new());
    Record { kind: "warcinfo", id: &id, at: now_ms(), content_type: "application/warc-fields", fields, block }.pack(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, user_agent) = (folder.path().join("warc"), "copydesk/0".to_owned());
        let config = WarcConfig { folder, user_agent, respect_robots: true, max_bytes: WarcConfig::MAX_BYTES };
        let claim: Claim<'_> = &|path| {
            assert!(!path.exists(), "claimed before it is made");
            Ok(())
        };
        let mut first = WarcFile::create(&config, 1_714_550_400_050, "", claim).unwrap();
        let other = WarcFile::create(&config, 1_714_550_400_900, "", claim).unwrap();
        let next = first.next(claim).unwrap();
        let name = |file: &WarcFile| file.path().file_name().unwrap().to_str().unwrap().to_owned();
        let names = [&first, &other, &next].map(name);
        assert_eq!(names, [0, 1, 2].map(|n| format!("copydesk-20240501080000-0000{n}.warc.gz")));
        assert!(is_warc(first.path()) && !is_warc(Path::new("articles.jsonl")));
        first.flush(&mut Vec::new()).unwrap();
        assert!(!first.is_over());
        std::fs::remove_file(first.path()).unwrap();
        assert!(first.is_over(), "moved away");
    }
}
