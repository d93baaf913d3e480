//! Invented records in any number, for measuring `copydesk dedup`: `many_records N > records.jsonl`.
//!
//! In: how many. Out: that many lines `copydesk/article@1`, the same ones each time. One record in ten is a copy of an
//! earlier one (every twentieth word another, or a dateline before it), one in twenty a report by formula with its own
//! numbers; each of some thousand hosts prints a line of its own under every article. Words come as unevenly as in real text.
#![allow(clippy::print_stdout, reason = "an example")]

use std::io::{self, BufWriter, Write};

use serde_json::json;

/// Vigna's `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A word, the frequent ones more often: its rank falls off as a power.
    fn word(&mut self) -> String {
        let rank = self.below(40_000) * self.below(40_000) / 40_000 * (1 + self.below(40_000)) / 40_000;
        word(rank)
    }
}

fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "de", "fi", "go", "lu", "mar", "nor", "sel", "tan", "vik", "wes", "ros", "hal", "kor", "dun", "pel", "mi", "sta", "ren",
        "ol", "un", "er", "ing", "ja",
    ];
    let mut out = String::new();
    let mut rest = rank;
    loop {
        out.push_str(SYLLABLES[usize::try_from(rest % 24).unwrap_or(0)]);
        rest /= 24;
        if rest == 0 {
            return out;
        }
    }
}

fn paragraphs(random: &mut Random) -> Vec<String> {
    let count = 4 + random.below(8);
    let one = |random: &mut Random| {
        let words: Vec<String> =
            (0..20 + random.below(40)).map(|n| if n % 17 == 9 { random.below(5000).to_string() } else { random.word() }).collect();
        words.join(" ") + "."
    };
    (0..count).map(|_| one(random)).collect()
}

fn article(number: u64) -> Vec<String> {
    let mut random = Random(number << 8);
    if number % 20 == 3 {
        let value = |random: &mut Random| format!("{}.{}", 100 + random.below(9000), 10 + random.below(90));
        let lines = [
            "The main index closed at",
            "The currency was quoted at",
            "A barrel of oil cost",
            "An ounce of gold was sold for",
            "Wheat was traded at",
        ];
        let line = |random: &mut Random, line: &str| {
            format!("{line} {} in the evening, after {} the day before, dealers at the exchange said.", value(random), value(random))
        };
        return lines.iter().map(|l| line(&mut random, l)).collect();
    }
    if number % 10 == 7 && number > 100 {
        let mut copied = article(random.below(number));
        if random.below(2) == 0 {
            copied[0].insert_str(0, "NORTON, March 3 (NPA) - ");
        }
        let edit = |random: &mut Random, word: &str| if random.below(20) == 0 { random.word() } else { word.to_owned() };
        return copied.iter().map(|text| text.split(' ').map(|w| edit(&mut random, w)).collect::<Vec<_>>().join(" ")).collect();
    }
    paragraphs(&mut random)
}

fn main() -> io::Result<()> {
    let count: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    for number in 0..count {
        let mut random = Random(!number);
        let host = random.below(1 + count.min(1_000_000) / 500);
        let mut text = article(number);
        text.push(format!("Support the {} newsroom and become a member today.", word(host + 30_000)));
        let blocks: Vec<_> = text.iter().map(|t| json!({"kind": "paragraph", "level": null, "text": t})).collect();
        let url = format!("https://paper{host}.example/story/{number}");
        let title: Vec<String> = (0..8).map(|_| random.word()).collect();
        let published = format!(
            "20{:02}-{:02}-{:02}T{:02}:00:00Z",
            10 + random.below(16),
            1 + random.below(12),
            1 + random.below(28),
            random.below(24)
        );
        let record = json!({
            "schema": "copydesk/article@1", "id": format!("{number:016x}"), "url": url, "canonical_url": url, "title": title.join(" "),
            "subtitle": null, "byline": null, "authors": [], "published": published, "modified": null, "language": "en",
            "site": null, "section": null, "tags": [], "body": text.join("\n\n"), "blocks": blocks, "captions": [], "notes": [],
            "lead_image": null, "access": {"paywalled": null, "truncated": false},
            "rights": {"robots": [], "content_signal": null, "tdm_reservation": null, "license": null},
            "duplicate_of": null, "revision": 1, "content_hash": format!("{:032x}", random.next()), "fetched_at": null,
            "extraction": {"version": "0.1.0", "confidence": 0.9, "page_kind": "article", "sources": {}, "warnings": []},
        });
        serde_json::to_writer(&mut out, &record)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
