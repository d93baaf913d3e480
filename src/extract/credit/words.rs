//! The words that announce a credit, in the languages of the field.

/// Words that announce a credit when a colon, "by" or the like follows; lower case.
pub(super) const LABELS: [&str; 80] = [
    "photo",
    "photos",
    "photograph",
    "photographs",
    "photo credit",
    "photo credits",
    "photo courtesy",
    "image",
    "images",
    "image credit",
    "image source",
    "picture",
    "pictures",
    "picture credit",
    "credit",
    "credits",
    "courtesy",
    "copyright",
    "source",
    "illustration",
    "screenshot",
    "graphic",
    "video",
    "file photo",
    "foto",
    "fotos",
    "bild",
    "bilder",
    "quelle",
    "bildquelle",
    "fotoquelle",
    "symbolbild",
    "symbolfoto",
    "archivbild",
    "archivfoto",
    "grafik",
    "crédit",
    "crédits",
    "crédit photo",
    "crédits photo",
    "photographie",
    "fotografía",
    "fotografia",
    "imagen",
    "imágenes",
    "fuente",
    "crédito",
    "créditos",
    "foto di",
    "fonte",
    "immagine",
    "zdjęcie",
    "fot.",
    "źródło",
    "zdroj",
    "autor",
    "фото",
    "источник",
    "фотография",
    "снимок",
    "джерело",
    "fotoğraf",
    "kaynak",
    "kuva",
    "bron",
    "beeld",
    "kilde",
    "källa",
    "fotó",
    "forrás",
    "sursa",
    "sumber",
    "ảnh",
    "φωτογραφία",
    "πηγή",
    "צילום",
    "عکس",
    "صورة",
    "تصوير",
    "المصدر",
];

/// The bit that makes ASCII letters small ones, in four bytes.
pub(super) const LOWER_CASE: u32 = 0x2020_2020;

/// The first four letters of labels that begin with four ASCII letters, and of "file" and "undated" before one, as numbers.
const LABEL_STARTS: [u32; 33] = {
    let starts = [
        b"phot", b"imag", b"imma", b"pict", b"cred", b"cour", b"copy", b"sour", b"illu", b"scre", b"grap", b"vide", b"file", b"foto",
        b"bild", b"quel", b"symb", b"arch", b"graf", b"fuen", b"font", b"fot.", b"zdro", b"auto", b"unda", b"kayn", b"kuva", b"bron",
        b"beel", b"kild", b"forr", b"surs", b"sumb",
    ];
    let mut numbers = [0; 33];
    let mut at = 0;
    while at < numbers.len() {
        numbers[at] = u32::from_le_bytes(*starts[at]);
        at += 1;
    }
    numbers
};

/// A bit for each of [`LABEL_STARTS`]: most other letters have none of them.
const LABEL_BITS: [u64; 32] = {
    let (mut bits, mut at) = ([0; 32], 0);
    while at < LABEL_STARTS.len() {
        let (word, bit) = label_bit(LABEL_STARTS[at]);
        bits[word] |= bit;
        at += 1;
    }
    bits
};

const fn label_bit(letters: u32) -> (usize, u64) {
    let hash = letters.wrapping_mul(0x9e37_79b1) >> 21;
    (hash as usize >> 6, 1 << (hash & 63))
}

/// Whether four letters are one of [`LABEL_STARTS`].
pub(super) fn is_label_start(letters: u32) -> bool {
    let (word, bit) = label_bit(letters);
    LABEL_BITS[word] & bit > 0 && LABEL_STARTS.contains(&letters)
}

/// The bytes that a label may begin with: the first letters of [`LABEL_STARTS`] in either case, a bracket, white space, and
/// all of other scripts.
pub(super) const LABEL_BYTES: [bool; 256] = {
    let mut may = [false; 256];
    let mut at = 0;
    while at < LABEL_STARTS.len() {
        let first = LABEL_STARTS[at].to_le_bytes()[0];
        may[first as usize] = true;
        may[first.to_ascii_uppercase() as usize] = true;
        at += 1;
    }
    let mut byte = 0u8;
    loop {
        may[byte as usize] |= !byte.is_ascii() || byte.is_ascii_whitespace() || byte == b'(';
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    may
};

/// The same without a colon: a space is enough.
pub(super) const BY_LABELS: [&str; 14] = [
    "photo by",
    "photos by",
    "photograph by",
    "photographs by",
    "image by",
    "picture by",
    "illustration by",
    "photo courtesy of",
    "courtesy of",
    "credit to",
    "foto von",
    "foto de",
    "foto di",
    "photo de",
];

/// Labels that are set directly before the name, with "：", "/", "＝" or nothing.
pub(super) const CJK_LABELS: [&str; 20] = [
    "图片来源",
    "图源",
    "图片",
    "图",
    "摄影",
    "供图",
    "攝影",
    "圖片來源",
    "圖",
    "来源",
    "写真提供",
    "写真",
    "画像",
    "提供",
    "撮影",
    "出典",
    "사진제공",
    "사진",
    "출처",
    "자료",
];

/// Labels of the caption itself, which are dropped.
pub(super) const CAPTION_LABELS: [&str; 10] =
    ["image", "photo", "picture", "caption", "image caption", "photo caption", "bild", "foto", "légende", "bildunterschrift"];

/// Abbreviations whose full stop ends no sentence.
pub(super) const ABBREVIATIONS: [&str; 26] = [
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mr", "mrs", "ms", "dr", "st", "sen", "gov",
    "rep", "gen", "lt", "sgt", "col", "prof", "no",
];
