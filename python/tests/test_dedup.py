"""Signatures, and the judgement on what they bring together."""

import copydesk

WORDS = [f"{a}{b}{c}" for a in ["ba", "ke", "lo", "mi", "nu", "ro", "ta", "ve"] for b in ["d", "l", "r", "s", "nt"] for c in ["a", "e", "io", "um"]]


def text(seed, length=300):
    """Words that nobody reads, the same for the same seed."""
    words, state = [], seed
    for _ in range(length):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(WORDS[(state >> 33) % len(WORDS)])
    return words


def test_copies_have_a_band_in_common_and_others_none():
    first, other = text(1), text(2)
    edited = ["edited" if number % 40 == 0 else word for number, word in enumerate(first)]
    first, edited, other = (" ".join(words) for words in (first, edited, other))
    bands = {name: set(enumerate(copydesk.dedup_signature(value))) for name, value in [("f", first), ("e", edited), ("o", other)]}
    assert len(bands["f"]) == 48
    assert bands["f"] & bands["e"] and not bands["f"] & bands["o"]
    assert copydesk.is_near_copy(first, edited) and not copydesk.is_near_copy(first, other)
    assert not copydesk.is_near_copy(first, edited, similarity=0.99)


def test_bands_fit_a_columns_64_bits():
    bands = [band for seed in range(20) for band in copydesk.dedup_signature(" ".join(text(seed)))]
    assert min(bands) < 0 < max(bands)
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_short_texts_have_none():
    assert copydesk.dedup_signature("Too short to tell.") is None
    assert not copydesk.is_near_copy("Too short to tell.", "Too short to tell.")
