//! Which records belong together?
//!
//! In: two files, or one whose revisions are compared. Out: for each record of the new file the one of the old file, and
//! which old ones have none. Where both files have one record of an `id`, these two belong together, whatever their
//! revision; else it is those of one revision, in their order. Never: more memory than some bytes a record.

use serde::Deserialize;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::Settings;
use crate::dedup::Damage;
use crate::dedup::files::bits::Bits;
use crate::dedup::files::shelf::{Kept, Shelf};
use crate::dedup::files::sources::{Numbered, Sources};
use crate::dedup::files::spill::Spill;
use crate::dedup::files::threads::pass;
use crate::error::Result;

/// Stands for no record.
pub(super) const NONE: u32 = u32::MAX;

/// What tells which record it is.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    revision: Value,
}

impl Head {
    /// Reads a line, or says what is wrong with it.
    pub(super) fn read(line: &Numbered) -> std::result::Result<Self, String> {
        let raw = line.raw.as_deref().ok_or("the line is longer than any record")?;
        if !raw.trim_ascii_start().starts_with(b"{") {
            return Err("the line is not a JSON object".to_owned());
        }
        let head: Self = serde_json::from_slice(raw).map_err(|error| {
            let cause = error.to_string();
            format!("the line is not a JSON object: {} at column {}", cause.split(" at line ").next().unwrap_or_default(), error.column())
        })?;
        match head.id {
            Value::String(_) | Value::Number(_) => Ok(head),
            _ => Err("the record has no \"id\" that is a string or an integer".to_owned()),
        }
    }

    /// Sorts records by their `id`, then by revision, then the old file before the new one, then as they stand.
    fn entry(&self, is_new: bool, record: u32) -> u128 {
        let revision = self.revision.as_u64().unwrap_or(0).min(0x7fff_ffff);
        let id = xxh3_64(self.id.to_string().as_bytes());
        u128::from(id) << 64 | u128::from(revision) << 33 | u128::from(is_new) << 32 | u128::from(record)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest part of an entry")]
fn record_of(entry: u128) -> u32 {
    entry as u32
}

fn is_new(entry: u128) -> bool {
    entry >> 32 & 1 == 1
}

fn revision_of(entry: u128) -> u128 {
    entry >> 33 & 0x7fff_ffff
}

/// Records and their counterparts.
#[derive(Debug)]
pub(super) struct Pairs<'a> {
    /// The lines of the old file.
    pub(super) kept: Kept<'a>,
    /// For each record of the new file the one of the old file, or [`NONE`].
    pub(super) partners: Vec<u32>,
    /// Records of the old file that have no counterpart.
    pub(super) lonely: Vec<u32>,
}

/// Finds what belongs together; without a new file each revision with the one before it.
pub(super) fn find<'a>(old: &Sources, new: Option<&Sources>, settings: &'a Settings, damaged: &mut dyn FnMut(Damage)) -> Result<Pairs<'a>> {
    let mut spill = Spill::of_hashes(&settings.temporary);
    let mut shelf = Shelf::new(&settings.temporary)?;
    let mut records = 0;
    let heads = |batch: Vec<Numbered>| batch.into_iter().map(|line| (Head::read(&line), line)).collect::<Vec<_>>();
    pass(old, settings.jobs, heads, |batch| {
        for (head, line) in batch {
            records = line.record + 1;
            match (head, line.raw) {
                (Ok(head), Some(raw)) => {
                    spill.push(head.entry(false, line.record))?;
                    shelf.put(line.record, &raw)?;
                }
                (Err(cause), _) => damaged(Damage { input: 0, line: line.number, cause }),
                (Ok(_), None) => {}
            }
        }
        Ok(())
    })?;
    let kept = shelf.close()?;
    let Some(new) = new else {
        return Ok(Pairs { kept, partners: revisions(spill, records)?, lonely: Vec::new() });
    };
    let mut partners = Vec::new();
    pass(new, settings.jobs, heads, |batch| {
        for (head, line) in batch {
            partners.push(NONE);
            match head {
                Ok(head) => spill.push(head.entry(true, line.record))?,
                Err(cause) => damaged(Damage { input: 1, line: line.number, cause }),
            }
        }
        Ok(())
    })?;
    let mut lonely = Bits::default();
    spill.each_part(|part| {
        for group in part.chunk_by(|a, b| a >> 64 == b >> 64) {
            join(group, &mut partners, &mut lonely);
        }
        Ok(())
    })?;
    Ok(Pairs { kept, partners, lonely: (0..records).filter(|record| lonely.has(*record)).collect() })
}

/// Joins the records of one `id`.
fn join(group: &[u128], partners: &mut [u32], lonely: &mut Bits) {
    let mut pair = |old: u128, new: u128| {
        if let Some(partner) = partners.get_mut(record_of(new) as usize) {
            *partner = record_of(old);
        }
    };
    if let [old, new] = group
        && is_new(*old) != is_new(*new)
    {
        let (old, new) = if is_new(*old) { (new, old) } else { (old, new) };
        return pair(*old, *new);
    }
    for same in group.chunk_by(|a, b| revision_of(*a) == revision_of(*b)) {
        let (old, new) = same.split_at(same.partition_point(|entry| !is_new(*entry)));
        old.iter().zip(new).for_each(|(old, new)| pair(*old, *new));
        old.iter().skip(new.len()).for_each(|old| lonely.put(record_of(*old)));
    }
}

/// Each record's revision before it.
fn revisions(spill: Spill<'_>, records: u32) -> Result<Vec<u32>> {
    let mut partners = vec![NONE; records as usize];
    spill.each_part(|part| {
        for pair in part.windows(2).filter(|pair| pair[0] >> 64 == pair[1] >> 64) {
            partners[record_of(pair[1]) as usize] = record_of(pair[0]);
        }
        Ok(())
    })?;
    Ok(partners)
}
