"""One page at a time: the command line's records."""

import json
import threading

import copydesk
import pytest
from conftest import fixture_pages


def canonical(record):
    """As bytes, the order of the keys kept."""
    return json.dumps(record, ensure_ascii=False)


@pytest.mark.parametrize("name, url, page", fixture_pages(), ids=lambda value: value if isinstance(value, str) and "/" not in value else "")
def test_fixtures_give_the_command_lines_records(command, tmp_path, name, url, page):
    file = tmp_path / "page.html"
    file.write_bytes(page)
    record, told = command.page("extract", "--url", url, file)
    if record is None:
        with pytest.raises(copydesk.Error) as raised:
            copydesk.extract(page, url)
        assert f"page.html: {raised.value}\n" in told
    else:
        assert canonical(copydesk.extract(page, url)) == canonical(record)


def test_bytes_are_decoded_and_text_is_not(command, tmp_path):
    text = "<meta charset=windows-1251><h1>Паром вернулся домой</h1><p>Паром вернулся домой в понедельник после девяти дней в море.</p>"
    file = tmp_path / "page.html"
    file.write_bytes(text.encode("windows-1251"))
    [record] = command.lines("extract", file)
    assert copydesk.extract(text.encode("windows-1251")) == record
    assert copydesk.extract(bytearray(text.encode("windows-1251")))["title"] == "Паром вернулся домой"
    assert copydesk.extract(text)["title"] == "Паром вернулся домой"


def test_half_a_surrogate_pair_is_read_as_in_lines(command):
    page = "<h1>Ferry \ud83d home \ud83d\ude00</h1><p>The ferry came home on Monday after nine days at sea.</p>"
    [record] = command.lines("extract", "--from", "jsonl", "-", stdin=json.dumps({"id": 1, "html": page}).encode())
    assert "\ufffd" in record["title"]
    assert copydesk.extract(page)["title"] == record["title"]
    [row] = copydesk.extract_many([{"id": 1, "html": page}]).to_pylist()
    assert row["title"] == record["title"]


@pytest.mark.parametrize("page, kind", [("", "no_content"), (b"%PDF-1.7", "not_html"), ("x" * ((16 << 20) + 1), "too_large")])
def test_errors_have_the_librarys_words(command, tmp_path, page, kind):
    with pytest.raises(copydesk.Error) as raised:
        copydesk.extract(page)
    assert raised.value.kind == kind
    assert isinstance(raised.value, ValueError)
    if isinstance(page, str):
        [answer] = answers(command, page)
        assert answer["error"] == {"kind": kind, "message": str(raised.value)}


def answers(command, page):
    """A failing page beside one that gives a record, for the command ends with 1 when none does."""
    good = {"id": "good", "html": "<h1>Ferry</h1>"}
    lines = "\n".join(json.dumps(line) for line in [{"id": "bad", "html": page}, good])
    return [answer for answer in command.lines("extract", "--from", "jsonl", "-", stdin=lines.encode()) if answer["id"] == "bad"]


def test_what_is_no_page_is_a_type_error():
    for value in [None, 7, ["<p>"]]:
        with pytest.raises(TypeError, match="html has to be str or bytes, not"):
            copydesk.extract(value)


def test_an_unusable_url_counts_as_none():
    page = "<h1>Ferry comes home</h1><p>The ferry came home on Monday after nine days at sea.</p>"
    assert copydesk.extract(page, "not a url") == copydesk.extract(page)


def test_deep_pages_are_read_on_small_stacks():
    page = "<div>" * 20_000 + "<h1>Ferry comes home</h1><p>The ferry came home on Monday.</p>"
    found = []
    before = threading.stack_size(256 << 10)
    thread = threading.Thread(target=lambda: found.append(copydesk.extract(page)))
    thread.start()
    thread.join(60)
    threading.stack_size(before)
    assert found == [copydesk.extract(page)]


def test_the_pack_gives_the_command_lines_records(command, pack):
    """Byte for byte, as text and over lines; the number of pages is told."""
    lines = "\n".join(map(json.dumps, pack)).encode()
    expected = {answer["id"]: answer for answer in command.lines("extract", "--from", "jsonl", "-", stdin=lines)}
    same = 0
    for page in pack:
        try:
            record = copydesk.extract(page["html"], page["url"]) | {"id": page["id"]}
        except copydesk.Error as error:
            record = {"id": page["id"], "url": page["url"], "error": {"kind": error.kind, "message": str(error)}}
        assert canonical(record) == canonical(expected[page["id"]]), page["id"]
        same += 1
    assert same == len(pack) > 50
