//! One date out of a short text, in the languages and orders that pages print.
//!
//! In: a value of a declaration or a line like "Updated 18:44, 24-May-2023". Out: a [`Moment`] that holds only
//! what the text gives. Day before month, unless the month's place says otherwise (over 12, a name, "/" in
//! American English with an AM/PM clock).

use std::fmt;
use std::sync::LazyLock;

/// A day, perhaps with a time of day, perhaps with an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    year: i16,
    month: i8,
    day: i8,
    time: Option<(i8, i8, Option<i8>)>,
    /// Minutes east of UTC, and whether the page writes it as a letter ("Z").
    offset: Option<(i16, bool)>,
}

impl Moment {
    pub(crate) fn same_day(&self, other: &Self) -> bool {
        (self.year, self.month, self.day) == (other.year, other.month, other.day)
    }

    /// This moment as a clock at another's place shows it, where the other has this very minute in local time, or names the
    /// day that begins at this moment. Only for moments in universal time on another day.
    pub(crate) fn at_offset_of(&self, other: &Self) -> Option<Self> {
        let ((hour, minute, second), Some((0, _))) = (self.time?, self.offset) else { return None };
        if self.same_day(other) {
            return None;
        }
        let day = |moment: &Self| jiff::civil::Date::new(moment.year, moment.month, moment.day).ok();
        let days = day(other)?.since(day(self)?).ok()?.get_days();
        let Some((local_hour, local_minute, _)) = other.time else {
            let begins = days == 1 && minute == 0 && second.unwrap_or(0) == 0 && hour >= 12;
            return begins.then_some(Self { time: None, offset: None, ..*other });
        };
        let minutes = days * 1440 + (i32::from(local_hour) - i32::from(hour)) * 60 + i32::from(local_minute) - i32::from(minute);
        let told = other.offset.is_none_or(|(offset, _)| i32::from(offset) == minutes);
        let usual = minutes != 0 && minutes % 15 == 0 && minutes.abs() <= 14 * 60;
        let offset = i16::try_from(minutes).ok().filter(|_| told && usual)?;
        Some(Self { time: Some((local_hour, local_minute, second)), offset: Some((offset, false)), ..*other })
    }

    /// This moment with day and month in each other's places, where that makes it another's day.
    pub(crate) fn swapped_as(&self, other: &Self) -> Option<Self> {
        let swapped = Self { month: self.day, day: self.month, ..*self };
        swapped.same_day(other).then_some(swapped)
    }

    /// 0 for a day, 1 for a time, 2 for a time with its offset.
    pub(crate) fn precision(&self) -> u8 {
        u8::from(self.time.is_some()) + u8::from(self.offset.is_some())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)?;
        let Some((hour, minute, second)) = self.time else { return Ok(()) };
        write!(f, "T{hour:02}:{minute:02}")?;
        if let Some(second) = second {
            write!(f, ":{second:02}")?;
        }
        match self.offset {
            None => Ok(()),
            Some((0, true)) => f.write_str("Z"),
            Some((o, _)) => write!(f, "{}{:02}:{:02}", if o < 0 { '-' } else { '+' }, o.abs() / 60, o.abs() % 60),
        }
    }
}

/// Text that is looked at, in characters.
const MAX_CHARS: usize = 200;

/// Month names, twelve a language; a text's word matches when it begins with the name or is its abbreviation.
const MONTHS: [[&str; 12]; 17] = [
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
    ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["jänner", "feber", "maerz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "desember"],
    ["stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"],
    ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince"],
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    ["січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"],
    ["ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık"],
    ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
    ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie"],
];

#[derive(Debug, Clone, PartialEq)]
enum Token<'t> {
    Number(i32, usize),
    Word(&'t str),
    Mark(char),
}

/// Reads the first date of a text.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    if !may_hold_date(text) {
        return None;
    }
    let lower: String = text.chars().take(MAX_CHARS).flat_map(char::to_lowercase).collect();
    let tokens = tokens(&lower);
    let (year, month, day, place) =
        (0..tokens.len()).find_map(|at| date_at(&tokens, at, &tokens).map(|(y, m, d, n)| (y, m, d, at..at + n)))?;
    let moment = Moment { year, month, day, time: None, offset: None };
    // A time after the date is the usual order; before it "18:44, 24-May-2023".
    let after = clock(&tokens, place.end);
    let Some((time, end)) = after.or_else(|| clock_before(&tokens, place.start)) else { return Some(moment) };
    Some(Moment { time: Some(time), offset: offset(&tokens, end), ..moment })
}

/// Every date has a year in digits: four of them, eight with month and day, or two behind a full stop.
fn may_hold_date(text: &str) -> bool {
    if text.is_ascii() { has_ascii_digit(text) && has_year(text, |c| c.is_ascii_digit()) } else { has_year(text, |c| digit(c).is_some()) }
}

/// Whether digits of a year are in a text.
fn has_year(text: &str, is_digit: impl Fn(char) -> bool) -> bool {
    let (mut run, mut stopped) = (0, false);
    for c in text.chars().take(MAX_CHARS) {
        run = if is_digit(c) { run + 1 } else { 0 };
        stopped |= c == '.';
        if run >= 4 || run == 2 && stopped {
            return true;
        }
    }
    false
}

/// Whether any of a text's bytes is an ASCII digit.
pub(super) fn has_ascii_digit(text: &str) -> bool {
    // Without an early end the compiler takes many bytes at a time.
    text.bytes().fold(false, |any, byte| any | byte.is_ascii_digit())
}

/// What a text in lower case consists of.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::with_capacity(text.len() / 3);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(digit) = digit(c) {
            let (mut value, mut width) = (digit, 1);
            while let Some(next) = chars.peek().and_then(|(_, c)| self::digit(*c)) {
                value = value.saturating_mul(10).saturating_add(next);
                width += 1;
                chars.next();
            }
            out.push(Token::Number(value, width));
        } else if matches!(c, '年' | '月' | '日' | '時' | '时' | '分' | '秒' | '년' | '월' | '일' | '시' | '분' | '초') {
            out.push(Token::Mark(c));
        } else if c.is_alphabetic() || crate::text::is_unspaced(c) {
            // "2024-05-03T15:47" has a letter between numbers.
            let goes_on = |c: char| (c.is_alphabetic() || is_joining(c)) && !matches!(c, '年' | '月' | '日');
            while chars.next_if(|(_, next)| goes_on(*next)).is_some() {}
            let end = chars.peek().map_or(text.len(), |(end, _)| *end);
            out.push(Token::Word(&text[at..end]));
        } else if !c.is_whitespace() {
            out.push(Token::Mark(c));
        }
    }
    out
}

/// Marks that belong to the letters before them (Devanagari and the like).
fn is_joining(c: char) -> bool {
    matches!(c as u32, 0x0900..=0x0dff | 0x0300..=0x036f)
}

fn digit(c: char) -> Option<i32> {
    let zero = match c {
        '0'..='9' => '0',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '０'..='９' => '０',
        '०'..='९' => '०',
        _ => return None,
    };
    i32::try_from(c as u32 - zero as u32).ok()
}

fn month_of(word: &str) -> Option<i32> {
    let word = word.trim_end_matches('.');
    let length = word.chars().count();
    if length < 3 {
        return None;
    }
    // No name is shorter.
    let start = word.as_bytes().first_chunk::<3>()?;
    let begins = |name: &str| name.as_bytes().first_chunk() == Some(start);
    let is_it = |name: &str| begins(name) && (name.starts_with(word) || length > 3 && word.starts_with(name));
    MONTHS_BY_LETTER[usize::from(start[0])].iter().find(|(name, _)| is_it(name)).map(|(_, month)| *month)
}

/// The names of [`MONTHS`] by their first bytes, each with its number.
static MONTHS_BY_LETTER: LazyLock<Vec<Vec<(&str, i32)>>> = LazyLock::new(|| {
    let mut by_letter = vec![Vec::new(); 256];
    for (name, month) in MONTHS.iter().flat_map(|names| names.iter().zip(1..)) {
        by_letter[usize::from(name.as_bytes()[0])].push((*name, month));
    }
    by_letter
});

/// Whether a word in lower case is a month's name or one of the usual abbreviations, to the letter: "Marta" is none.
pub(crate) fn is_month(word: &str) -> bool {
    const SHORT: [&str; 13] = ["feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "okt", "nov", "dec", "dez"];
    MONTHS.iter().flatten().any(|month| *month == word) || SHORT.contains(&word.trim_end_matches('.'))
}

/// Whether a word is a month's or a weekday's name, or speaks of publishing.
pub(crate) fn is_date_word(word: &str) -> bool {
    is_small_date_word(&word.to_lowercase())
}

/// The same of a word in lower case.
pub(super) fn is_small_date_word(word: &str) -> bool {
    let bare = word.trim_matches([',', '.', ':']);
    let weekday = |word: &str| {
        matches!(
            word.as_bytes(),
            b"mon"
                | b"tue"
                | b"wed"
                | b"thu"
                | b"fri"
                | b"sat"
                | b"sun"
                | b"montag"
                | b"dienstag"
                | b"mittwoch"
                | b"donnerstag"
                | b"freitag"
                | b"samstag"
                | b"sonntag"
        )
    };
    weekday(bare)
        || bare.strip_suffix("day").is_some_and(weekday)
        || matches!(
            bare.as_bytes(),
            b"tuesday"
                | b"wednesday"
                | b"thursday"
                | b"saturday"
                | b"published"
                | b"updated"
                | b"posted"
                | b"on"
                | b"am"
                | b"vom"
                | b"le"
                | b"el"
        )
        || month_of(bare).is_some_and(|_| bare.chars().count() > 3)
}

/// A date that begins at a token: year, month, day and how many tokens it takes.
fn date_at(tokens: &[Token], at: usize, all: &[Token]) -> Option<(i16, i8, i8, usize)> {
    let number = |i: usize| match tokens.get(at + i) {
        Some(Token::Number(n, w)) => Some((*n, *w)),
        _ => None,
    };
    let mark = |i: usize| match tokens.get(at + i) {
        Some(Token::Mark(c)) => Some(*c),
        _ => None,
    };
    let month = |i: usize| match tokens.get(at + i) {
        Some(Token::Word(w)) => month_of(w),
        _ => None,
    };
    // 2024年5月3日, 2024년 5월 3일
    if let (Some((y, 4)), Some('年' | '년'), Some((m, _)), Some('月' | '월'), Some((d, _))) =
        (number(0), mark(1), number(2), mark(3), number(4))
    {
        return valid(y, m, d, 5 + usize::from(matches!(mark(5), Some('日' | '일'))));
    }
    // 2024-05-03, 2024/5/3, 2024.05.03
    if let (Some((y, 4)), Some(a @ ('-' | '/' | '.')), Some((m, _)), Some(b), Some((d, _))) =
        (number(0), mark(1), number(2), mark(3), number(4))
        && a == b
    {
        return valid(y, m, d, 5);
    }
    // 20240503, 20240503T1547
    if let Some((n, 8)) = number(0) {
        return valid(n / 10_000, n / 100 % 100, n % 100, 1);
    }
    // 03.05.2024, 3/5/2024, 3-5-2024
    if let (Some((a, 1..=2)), Some(x @ ('.' | '/' | '-')), Some((b, 1..=2)), Some(y), Some((year, w @ (2 | 4)))) =
        (number(0), mark(1), number(2), mark(3), number(4))
        && x == y
        && (w == 4 || x == '.')
    {
        let year = if w == 2 { 2000 + year } else { year };
        let american = x == '/'
            && all.iter().any(|t| matches!(t, Token::Word(w) if matches!(*w, "am" | "pm" | "est" | "edt" | "et" | "pst" | "pdt" | "pt")));
        return if american {
            valid(year, a, b, 5).or_else(|| valid(year, b, a, 5))
        } else {
            valid(year, b, a, 5).or_else(|| valid(year, a, b, 5))
        };
    }
    named_month(tokens, at, &number, &month)
}

/// "24 May 2023", "24-May-2023", "24. Mai 2023", "3 de mayo de 2024", "May 24, 2023", "May 24th 2023".
fn named_month(
    tokens: &[Token],
    at: usize,
    number: &dyn Fn(usize) -> Option<(i32, usize)>,
    month: &dyn Fn(usize) -> Option<i32>,
) -> Option<(i16, i8, i8, usize)> {
    let skippable = |i: usize| match tokens.get(at + i) {
        Some(Token::Mark('.' | '-' | ',' | '/' | '،' | '\'' | '’')) => true,
        Some(Token::Word(w)) => matches!(*w, "de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "er" | "º" | "the"),
        _ => false,
    };
    let skip = |mut i: usize| {
        let start = i;
        while i < start + 3 && skippable(i) {
            i += 1;
        }
        i
    };
    if let Some((day, 1..=2)) = number(0) {
        let i = skip(1);
        let m = month(i)?;
        let j = skip(i + 1);
        let (year, 4) = number(j)? else { return None };
        return valid(year, m, day, j + 1);
    }
    let m = month(0)?;
    let i = skip(1);
    let (day, 1..=2) = number(i)? else { return None };
    let j = skip(i + 1);
    let (year, 4) = number(j)? else { return None };
    valid(year, m, day, j + 1)
}

fn valid(year: i32, month: i32, day: i32, taken: usize) -> Option<(i16, i8, i8, usize)> {
    let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let inside = (1500..=2200).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok();
    inside.then_some((year, month, day, taken))
}

type Clock = (i8, i8, Option<i8>);

/// A time of day within a few tokens after the date, and the token after it.
fn clock(tokens: &[Token], from: usize) -> Option<(Clock, usize)> {
    let mut at = from;
    while at < tokens.len() && at < from + 7 {
        if let Some(found) = clock_at(tokens, at) {
            return Some(found);
        }
        // Another day in between means that the clock is not this date's.
        if matches!(tokens[at], Token::Number(..)) {
            return None;
        }
        at += 1;
    }
    None
}

fn clock_before(tokens: &[Token], date: usize) -> Option<(Clock, usize)> {
    (date.saturating_sub(8)..date).find_map(|at| clock_at(&tokens[..date], at))
}

fn clock_at(tokens: &[Token], at: usize) -> Option<(Clock, usize)> {
    let Token::Number(hour, 1..=2) = tokens.get(at)? else {
        // 20240503T154700
        if let (Token::Number(n, 6), true) = (tokens.get(at)?, at > 0 && tokens.get(at - 1) == Some(&Token::Word("t"))) {
            return checked(n / 10_000, n / 100 % 100, Some(n % 100), at + 1);
        }
        return None;
    };
    let (mut minute, mut second, mut end) = (0, None, at + 1);
    match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(Token::Mark(':' | '.' | '时' | '時' | '시')), Some(Token::Number(m, 2))) => {
            (minute, end) = (*m, at + 3);
            if let (Some(Token::Mark(':')), Some(Token::Number(s, 2))) = (tokens.get(at + 3), tokens.get(at + 4)) {
                (second, end) = (Some(*s), at + 5);
                if let (Some(Token::Mark('.' | ',')), Some(Token::Number(..))) = (tokens.get(at + 5), tokens.get(at + 6)) {
                    end = at + 7;
                }
            }
        }
        (Some(Token::Word(h)), Some(Token::Number(m, 2))) if matches!(*h, "h" | "u" | "uhr") => (minute, end) = (*m, at + 3),
        (Some(Token::Word(w)), _) if matches!(*w, "am" | "pm" | "a" | "p" | "uhr") => {}
        _ => return None,
    }
    let mut hour = *hour;
    if let Some(Token::Word(half)) = tokens.get(end) {
        match *half {
            "pm" | "p" if (1..=11).contains(&hour) => (hour, end) = (hour + 12, end + 1),
            "am" | "a" if hour == 12 => (hour, end) = (0, end + 1),
            "am" | "pm" | "a" | "p" => end += 1,
            _ => {}
        }
        while end < tokens.len() && matches!(&tokens[end], Token::Mark('.' | '분' | '分'))
            || matches!(tokens.get(end), Some(Token::Word("m")))
        {
            end += 1;
        }
    }
    checked(hour, minute, second, end)
}

fn checked(hour: i32, minute: i32, second: Option<i32>, end: usize) -> Option<(Clock, usize)> {
    if !(0..=23).contains(&hour) || !(0..=59).contains(&minute) || second.is_some_and(|s| s > 60) {
        return None;
    }
    let second = second.map(|s| s.min(59)).and_then(|s| i8::try_from(s).ok());
    Some(((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, second), end))
}

/// "Z", "+02:00", "-0500", "GMT", "EST" after a clock.
fn offset(tokens: &[Token], at: usize) -> Option<(i16, bool)> {
    let mut at = at;
    if tokens.get(at) == Some(&Token::Mark('(')) {
        at += 1;
    }
    if let Some(Token::Word(zone)) = tokens.get(at) {
        let minutes = zone_minutes(zone)?;
        let signed = if minutes == 0 { signed(tokens, at + 1) } else { None };
        return Some(signed.map_or((minutes, true), |m| (m, false)));
    }
    signed(tokens, at).map(|m| (m, false))
}

/// Whether a word names a time zone or half of the day.
pub(crate) fn is_zone(word: &str) -> bool {
    matches!(word, "am" | "pm" | "a.m" | "p.m" | "et" | "pt") || zone_minutes(word).is_some()
}

fn zone_minutes(zone: &str) -> Option<i16> {
    Some(match zone {
        "z" | "gmt" | "utc" => 0,
        "bst" | "cet" | "mez" => 60,
        "cest" | "mesz" | "eet" => 120,
        "eest" | "msk" | "мск" => 180,
        "ist" => 330,
        "jst" | "kst" => 540,
        "aest" => 600,
        "aedt" => 660,
        "est" => -300,
        "edt" => -240,
        "cst" => -360,
        "cdt" => -300,
        "mst" => -420,
        "mdt" => -360,
        "pst" => -480,
        "pdt" => -420,
        _ => return None,
    })
}

fn signed(tokens: &[Token], at: usize) -> Option<i16> {
    let sign = match tokens.get(at)? {
        Token::Mark('+') => 1,
        Token::Mark('-' | '−') => -1,
        _ => return None,
    };
    let minutes = match (tokens.get(at + 1)?, tokens.get(at + 2), tokens.get(at + 3)) {
        (Token::Number(h, 2), Some(Token::Mark(':')), Some(Token::Number(m, 2))) if *m < 60 => h * 60 + m,
        (Token::Number(n, 4), ..) => n / 100 * 60 + n % 100,
        (Token::Number(h, 1..=2), ..) => h * 60,
        _ => return None,
    };
    (minutes <= 14 * 60).then(|| i16::try_from(sign * minutes).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_pages_print_them() {
        for (raw, iso) in [
            ("2024-05-03T15:47:42.389+02:00", "2024-05-03T15:47:42+02:00"),
            ("2024-05-03T15:47:42Z", "2024-05-03T15:47:42Z"),
            ("2024-05-03 15:47:42 +0000", "2024-05-03T15:47:42+00:00"),
            ("2024-05-03T15:47-0500", "2024-05-03T15:47-05:00"),
            ("20240503T154700Z", "2024-05-03T15:47:00Z"),
            ("2024-05-03", "2024-05-03"),
            ("2024-05-03T25:61:00Z", "2024-05-03"),
            ("Fri, 03 May 2024 15:47:42 GMT", "2024-05-03T15:47:42Z"),
            ("Updated 18:44, 24-May-2023", "2023-05-24T18:44"),
            ("24.05.2023", "2023-05-24"),
            ("24. Mai 2023, 18:44 Uhr", "2023-05-24T18:44"),
            ("Stand: 24.05.2023 18.44 Uhr", "2023-05-24T18:44"),
            ("2023年5月24日 18:44", "2023-05-24T18:44"),
            ("2023年5月24日 18時44分", "2023-05-24T18:44"),
            ("2023. 5. 24. 18:44", "2023-05-24T18:44"),
            ("입력 2023년 5월 24일 18:44", "2023-05-24T18:44"),
            ("May 24, 2023 at 6:44 p.m. EDT", "2023-05-24T18:44-04:00"),
            ("Published May 24th, 2023, 6:44 PM", "2023-05-24T18:44"),
            ("5/24/2023 6:44 PM", "2023-05-24T18:44"),
            ("24/05/2023 18h44", "2023-05-24T18:44"),
            ("24 de mayo de 2023", "2023-05-24"),
            ("24 мая 2023, 18:44", "2023-05-24T18:44"),
            ("٢٤ مايو ٢٠٢٣", "2023-05-24"),
            ("le 24 mai 2023 à 18h44", "2023-05-24T18:44"),
            ("24 Sept. 2023", "2023-09-24"),
        ] {
            assert_eq!(parse(raw).map(|m| m.to_string()).as_deref(), Some(iso), "{raw}");
        }
    }

    #[test]
    fn never_invented() {
        for raw in ["", "2024", "May 2024", "31.02.2024", "12 of 20 seats", "version 10.2.3", "10:30", "2024-13-01", "99999999"] {
            assert_eq!(parse(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(raw in "\\PC{0,80}") {
            let _ = parse(&raw);
        }
    }
}
