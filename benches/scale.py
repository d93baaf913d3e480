#!/usr/bin/env python3
"""What it takes to crawl so many sites, and to read a month of Common Crawl's news again: the tables of docs/scale.md, from the figures below.

scale.py [--articles 60] [--lists 12] [--runs 24] [--days 365] [--month-gigabytes 480]

The first part of FIGURES is measured, each by the command beside it; the second is assumed, and there to be changed.
"""

import argparse

FIGURES = {
    # cargo bench --bench crawl -- pages: processor time of one page of a crawl, fetched, read and written with its state
    "crawl_core_seconds": 0.0082,
    # copydesk extract FILES.warc.gz of the bench pack: pages a second and core, megabytes of WARC a second and core
    "warc_pages": 188,
    "warc_megabytes": 7.7,
    # a record of the pack in zstd's Parquet
        "record_bytes_packed": 7_000,
    # cargo bench --bench frontier -- postgres --costs FILE: bytes of a URL with its indexes; time of a page with its article and of its share of a commit
    "url_bytes": 279,
    "server_seconds_page": 0.0036,
    # counted: a fingerprint of 2,200 bytes, 48 bands under two indexes, a sample of what its site prints
    "article_bytes": 8_500,
    # assumed to be half a page's, for it has no article
    "server_seconds_list": 0.0018,
    # copydesk dedup, a million records
    "dedup_seconds_million": 80,
    # assumed: bytes of a page and a list on the wire (compressed), lists that answer "not modified", prices in dollars
    "page_wire_bytes": 45_000,
    "list_wire_bytes": 30_000,
    "not_modified": 0.5,
    "core_month": 25,
    "gigabyte_month": 0.08,
    "core_hour": 0.04,
}


def number(n, digits=2):
    """So many digits that count, with separators."""
    if n >= 100:
        return f"{float(f'{n:.{digits}g}'):,.0f}"
    return f"{float(f'{n:.{digits}g}'):g}"


def crawl(sites, given):
    f = FIGURES
    articles = sites * given.articles / 86400
    lists = sites * given.lists * given.runs / 86400
    wire = articles * f["page_wire_bytes"] + lists * (1 - f["not_modified"]) * f["list_wire_bytes"]
    cores = articles * f["crawl_core_seconds"] + lists * f["crawl_core_seconds"] / 2
    server = articles * f["server_seconds_page"] + lists * f["server_seconds_list"]
    urls = sites * (given.articles * given.days + 200)
    state = urls * f["url_bytes"] + sites * given.articles * given.days * f["article_bytes"]
    records = articles * 86400 * 30 * f["record_bytes_packed"] / 1e9
    # Twice the mean for the hours in which most is published.
    price = (2 * cores + 2 * server) * f["core_month"] + (state / 1e9 + records) * f["gigabyte_month"]
    return [
        ("requests a second", number(articles + lists)),
        ("new articles a second", number(articles)),
        ("megabits a second", number(wire * 8 / 1e6)),
        ("cores of the workers, on average", number(cores)),
        ("cores of the database, on average", number(server)),
        (f"URLs in the state after {given.days} days", number(urls)),
        ("gigabytes of state then", number(state / 1e9)),
        ("gigabytes of records a month, in Parquet", number(records)),
        ("dollars a month, storage of the first month's records with it", number(price)),
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=60, help="that a site publishes a day")
    arguments.add_argument("--lists", type=int, default=12, help="front pages, sections, feeds and sitemaps of a site, looked at in each run")
    arguments.add_argument("--runs", type=int, default=24, help="a day")
    arguments.add_argument("--days", type=int, default=365, help="after which the state is weighed")
    arguments.add_argument("--month-gigabytes", type=float, default=480, help="compressed WARC of one month of CC-NEWS")
    given = arguments.parse_args()
    sizes = [10_000, 100_000, 1_000_000]
    columns = [crawl(sites, given) for sites in sizes]
    print("| | " + " | ".join(f"{sites:,} sites" for sites in sizes) + " |\n| --- |" + " --- |" * len(sizes))
    for at, (name, _) in enumerate(columns[0]):
        print(f"| {name} | " + " | ".join(column[at][1] for column in columns) + " |")
    f = FIGURES
    seconds = given.month_gigabytes * 1000 / f["warc_megabytes"]
    pages = seconds * f["warc_pages"]
    hours = seconds / 3600
    print(f"\nA month of {given.month_gigabytes:.0f} GB: {number(pages / 1e6)} million pages, {number(hours)} core hours", end=" ")
    print(f"({number(hours / 64)} h on 64 cores, {number(hours * f['core_hour'])} dollars), {number(pages * f['record_bytes_packed'] / 1e9)} GB of Parquet,", end=" ")
    print(f"{number(pages / 1e6 * f['dedup_seconds_million'] / 60)} minutes of `copydesk dedup`")


if __name__ == "__main__":
    main()
