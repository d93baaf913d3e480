#!/usr/bin/env python3
"""The leases of a shared frontier at up to 1,000 workers, as a simulation: leases.py [--workers 1000] [--plot leases.svg] [--costs FILE].

A discrete-event model of what src/frontier/lease.rs and the writer do, with the server's costs of each statement as they were measured
(`cargo bench --bench frontier`; give others with --costs, a JSON file with the keys of COSTS). Workers take hosts, renew all their leases in
one statement each third of a lease, commit in batches of whatever has come together, and let hosts go that are done; some are killed and come
back; once the database is away. It is checked on the way that no two workers use one host at a time, and that every page is visited once.

Nothing of the network between is modelled but a round trip, and nothing of the sites but a delay between pages.
"""

import argparse
import heapq
import itertools
import json
import random
import statistics
from collections import deque
from pathlib import Path

# Seconds of one server core: a claim and each host that it takes, a renewal and each host, the end of a lease, a commit and each page in it
# (its URL, article, links and the note before its request).
COSTS = {"claim": 0.00082, "claim_host": 0.000048, "renew": 0.0051, "renew_host": 0.000012, "release": 0.00082, "commit": 0.0029, "page": 0.0036}
ROUND_TRIP = 0.0005


class Server:
    """A database with so many cores; statements wait in one queue."""

    def __init__(self, cores):
        self.free = [0.0] * cores
        self.busy = {}
        self.away = []

    def done(self, now, cost, kind):
        """When a statement that is sent now is answered."""
        self.busy[kind] = self.busy.get(kind, 0.0) + cost
        start = max(now, heapq.heappop(self.free))
        for begin, end in self.away:
            if begin <= start < end:
                start = end
        heapq.heappush(self.free, start + cost)
        return start + cost + ROUND_TRIP


class Host:
    __slots__ = ("left", "holder", "until", "free_since")

    def __init__(self, pages):
        self.left, self.holder, self.until, self.free_since = pages, None, 0.0, None


class Worker:
    __slots__ = ("held", "ends", "usable", "life", "progress", "at", "latency", "pending")

    def __init__(self, life=0, at=0.0):
        # Pages of each host since the worker began are `progress`; its hosts by number, with the progress at which they are done, and
        # the same as a heap.
        self.held, self.ends, self.usable, self.life = {}, [], 0.0, life
        self.progress, self.at, self.latency, self.pending = 0.0, at, 0.0, 0.0


class Fleet:
    def __init__(self, given, workers, deaths=True):
        self.given, self.random = given, random.Random(given.seed)
        self.server = Server(given.cores)
        self.hosts = [Host(max(1, int(self.random.lognormvariate(given.pages_mu, given.pages_sigma)))) for _ in range(given.hosts)]
        self.pages = sum(host.left for host in self.hosts)
        self.waiting = deque(range(given.hosts))
        self.workers = [Worker() for _ in range(workers)]
        self.events, self.order = [], itertools.count()
        self.waits = {"claim": [], "renew": [], "commit": []}
        self.idle, self.timeline, self.lost, self.double = [], {}, 0, 0
        for number in range(workers):
            self.at(self.random.uniform(0, 5), self.claim, number, 0)
            self.at(self.random.uniform(5, 5 + given.lease / 3), self.renew, number, 0)
            self.at(self.random.uniform(0, 5), self.commit, number, 0)
            if deaths and given.between_deaths > 0:
                self.at(self.random.expovariate(1 / given.between_deaths), self.die, number, 0)
        if deaths and given.away > 0:
            self.server.away.append((given.away_at, given.away_at + given.away))

    def at(self, when, what, number, life):
        heapq.heappush(self.events, (when, next(self.order), what, number, life))

    def run(self, seconds):
        now = 0.0
        while self.events and now < seconds:
            now, _, what, number, life = heapq.heappop(self.events)
            if life == self.workers[number].life:
                what(now, number, life)
        return now

    def claim(self, now, number, life):
        worker, given = self.workers[number], self.given
        room = given.hosts_a_worker - len(worker.held)
        if room == 0:
            self.at(now + 0.2, self.claim, number, life)
            return
        taken = []
        self.advance(worker, now)
        looked = 0
        while self.waiting and len(taken) < room and looked < 2 * given.hosts_a_worker:
            looked += 1
            at = self.waiting.popleft()
            # What is leased still by the server's clock is passed over.
            if self.hosts[at].until > now:
                self.waiting.append(at)
            else:
                taken.append(at)
        answered = self.server.done(now, COSTS["claim"] + COSTS["claim_host"] * len(taken), "leases")
        self.waits["claim"].append(answered - now)
        for at in taken:
            host = self.hosts[at]
            if host.holder is not None and at in host.holder.held and host.holder.usable > now:
                self.double += 1
            if host.free_since is not None:
                self.idle.append(answered - host.free_since)
                host.free_since = None
            host.holder, host.until = worker, answered + given.lease
            worker.held[at] = worker.progress + host.left
            heapq.heappush(worker.ends, (worker.held[at], at))
        # What was held before has its own time, which a claim does not make longer.
        if taken and len(taken) == len(worker.held):
            worker.usable = now + given.lease * 3 / 4
        # One without luck asks again in a second.
        self.at(answered + (0.2 if taken else 1.0), self.claim, number, life)

    def renew(self, now, number, life):
        worker, given = self.workers[number], self.given
        answered = self.server.done(now, COSTS["renew"] + COSTS["renew_host"] * len(worker.held), "leases")
        self.waits["renew"].append(answered - now)
        self.advance(worker, now)
        if answered > worker.usable and worker.held:
            # By its own clock, it has stopped before; the server may have given them away.
            self.lost += len(worker.held)
        for at in list(worker.held):
            host = self.hosts[at]
            if host.until > answered and host.holder is worker:
                host.until = answered + given.lease
            else:
                self.drop(worker, at, answered)
        worker.usable = now + given.lease * 3 / 4
        self.at(max(answered, now + given.lease / 3), self.renew, number, life)

    def drop(self, worker, at, now):
        """A host with pages left is nobody's: whoever has room takes it, once its lease is over."""
        host = self.hosts[at]
        host.left = max(1.0, worker.held.pop(at) - worker.progress)
        host.free_since = now
        self.waiting.append(at)

    def advance(self, worker, now):
        """Pages of each host that a worker holds since it was asked last: one for each delay and the commit before it."""
        end = min(now, worker.usable) if worker.held else now
        if end > worker.at:
            pace = max(self.given.delay, self.given.answer) + worker.latency
            done = (end - worker.at) / pace
            worker.progress += done
            worker.pending += done * len(worker.held)
        worker.at = max(worker.at, now)

    def commit(self, now, number, life):
        worker = self.workers[number]
        self.advance(worker, now)
        pages = worker.pending
        if pages < 1:
            # The next page is due then.
            self.at(now + (self.given.delay / max(1, len(worker.held)) if worker.held else 0.5), self.commit, number, life)
            return
        worker.pending = 0.0
        answered = self.server.done(now, COSTS["commit"] + COSTS["page"] * pages, "pages")
        self.waits["commit"].append(answered - now)
        worker.latency = answered - now
        self.timeline[int(answered)] = self.timeline.get(int(answered), 0.0) + pages
        while worker.ends and worker.ends[0][0] <= worker.progress:
            end, at = heapq.heappop(worker.ends)
            if worker.held.get(at) == end:
                del worker.held[at]
                self.hosts[at].left, self.hosts[at].holder, self.hosts[at].until = 0, None, 0.0
                self.at(answered, self.release, number, life)
        self.at(answered, self.commit, number, life)

    def release(self, now, number, life):
        self.server.done(now, COSTS["release"], "leases")

    def die(self, now, number, life):
        worker, given = self.workers[number], self.given
        # What it had not committed is lost with it, and the pages are visited by whoever takes the host.
        for at in list(worker.held):
            self.drop(worker, at, now)
        self.workers[number] = Worker(life + 1, now + given.restart)
        back = now + given.restart
        for what, wait in [(self.claim, 0), (self.renew, given.lease / 3), (self.commit, 0.1)]:
            self.at(back + wait, what, number, life + 1)
        self.at(back + self.random.expovariate(1 / given.between_deaths), self.die, number, life + 1)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def figures(fleet, seconds):
    steady = [n for second, n in fleet.timeline.items() if 30 <= second < seconds - 1]
    busy = {kind: spent / (seconds * fleet.given.cores) for kind, spent in fleet.server.busy.items()}
    return {
        "pages_a_second": statistics.mean(steady) if steady else 0.0,
        "busy_leases": busy.get("leases", 0.0),
        "busy_pages": busy.get("pages", 0.0),
        **{f"{kind}_p99": percentile(waits, 0.99) for kind, waits in fleet.waits.items()},
        "lost": fleet.lost,
        "double": fleet.double,
        "idle_mean": statistics.mean(fleet.idle) if fleet.idle else 0.0,
        "idle_max": max(fleet.idle, default=0.0),
    }


def plot(path, sweep, fleet, given):
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise SystemExit(f"{path} is not drawn: --plot needs matplotlib (pip install matplotlib)") from None

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "copydesk"
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    at = [row["workers"] for row in sweep]
    left.plot(at, [row["pages_a_second"] for row in sweep], marker="o")
    left.set(title="Pages a second", xlabel="workers", xscale="log", ylim=(0, None))
    for key, name in [("busy_pages", "pages and articles"), ("busy_leases", "leases")]:
        middle.plot(at, [100 * row[key] for row in sweep], marker="o", label=name)
    middle.set(title=f"The server's {given.cores} cores, busy with (%)", xlabel="workers", xscale="log", ylim=(0, 105))
    middle.legend()
    seconds = range(int(given.seconds) - 1)
    right.plot(seconds, [fleet.timeline.get(second, 0) for second in seconds], linewidth=1)
    right.axvspan(given.away_at, given.away_at + given.away, alpha=0.2, color="gray", label="database away")
    right.set(title=f"Pages each second, {given.workers} workers,\none killed every {given.between_deaths / given.workers:.1f} s", xlabel="seconds", ylim=(0, None))
    right.legend(loc="lower right")
    for axes in (left, middle, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--workers", type=int, default=1000)
    arguments.add_argument("--hosts", type=int, default=200_000)
    arguments.add_argument("--hosts-a-worker", type=int, default=32)
    arguments.add_argument("--cores", type=int, default=32, help="of the database's server")
    arguments.add_argument("--lease", type=float, default=60)
    arguments.add_argument("--delay", type=float, default=1.0)
    arguments.add_argument("--answer", type=float, default=0.4)
    arguments.add_argument("--pages-mu", type=float, default=3.2, help="logarithm of the median of due pages a host")
    arguments.add_argument("--pages-sigma", type=float, default=1.0)
    arguments.add_argument("--between-deaths", type=float, default=1800, help="mean time from a worker's start to its death; 0 for none")
    arguments.add_argument("--restart", type=float, default=30)
    arguments.add_argument("--away", type=float, default=20, help="seconds that the database is away")
    arguments.add_argument("--away-at", type=float, default=150)
    arguments.add_argument("--seconds", type=float, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--costs", type=Path)
    arguments.add_argument("--plot", type=Path)
    given = arguments.parse_args()
    if given.costs:
        COSTS.update(json.loads(given.costs.read_text()))
    print("| workers | pages/s | server busy: pages | leases | claim p99 | renew p99 | commit p99 |\n| --- | --- | --- | --- | --- | --- | --- |")
    sweep = []
    for workers in [n for n in (10, 30, 100, 300) if n < given.workers] + [given.workers]:
        fleet = Fleet(given, workers, deaths=False)
        end = fleet.run(given.seconds)
        row = {"workers": workers, **figures(fleet, end)}
        sweep.append(row)
        print(f"| {workers} | {row['pages_a_second']:.0f} | {row['busy_pages']:.0%} | {row['busy_leases']:.1%} |", end="")
        print(" | ".join(f" {1000 * row[key]:.0f} ms" for key in ("claim_p99", "renew_p99", "commit_p99")), "|")
    # With more room than hosts, so that it is the lease alone that a dead worker's hosts wait for.
    given.hosts, given.pages_mu, given.pages_sigma = given.workers * given.hosts_a_worker * 3 // 5, 7.0, 0.3
    fleet = Fleet(given, given.workers)
    end = fleet.run(given.seconds)
    row = figures(fleet, end)
    deaths = sum(worker.life for worker in fleet.workers)
    print(f"\n{given.workers} workers, {deaths} deaths, the database away for {given.away:.0f} s: {row['pages_a_second']:.0f} pages/s;", end=" ")
    print(f"a dead worker's host waits {row['idle_mean']:.0f} s on average, {row['idle_max']:.0f} s at most;", end=" ")
    print(f"leases that live workers lost: {row['lost']}; hosts used by two at a time: {row['double']}")
    if given.plot:
        plot(given.plot, sweep, fleet, given)
    assert row["double"] == 0


if __name__ == "__main__":
    main()
