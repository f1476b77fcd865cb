"""What was collected, as the API gives it, beside the simulated GitHub's own books at the instants of the readings."""

import collections
import csv
import datetime
import functools
import io
import json
import urllib.parse
import urllib.request

from product import BINARY, run

SNAPSHOT = [("stars", "stars"), ("forks", "forks"), ("watchers", "watchers"), ("open_issues", "open_issues"),
            ("open_pull_requests", "open_pull_requests"), ("releases", "releases"), ("size", "size_kilobytes"),
            ("language", "language"), ("archived", "archived"), ("full_name", "full_name")]

# A page of a star history has 30 weeks, the newest of which may have just begun.
NEWEST_PAGE = datetime.timedelta(weeks=29)


class Books:
    """`/_sandbox/books` at an address; days and instants as the sandbox writes them."""

    def __init__(self, address):
        self.address = address

    def lines(self, path, **query):
        url = f"{self.address}/_sandbox/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=60) as response:
            return [json.loads(line) for line in response.read().decode().splitlines()]

    @functools.lru_cache(maxsize=64)
    def facts(self, at):
        return {fact["id"]: fact for fact in self.lines("books/facts", at=at)}

    def star_days(self, identity, at):
        return {line["day"]: line["gained"] for line in self.lines("books/star_days", id=identity, at=at)}

    def releases(self, identity, at):
        return {line["id"]: (line["tag"], text(line["prerelease"])) for line in self.lines("books/releases", id=identity, at=at)}

    def names(self, identity, at):
        return [line["full_name"] for line in self.lines("books/names", id=identity) if line["from"] <= at]

    def counters(self):
        return self.lines("counters")[0]


def rows(address, table):
    """A table's rows as they come."""
    with urllib.request.urlopen(f"{address}/api/v1/tables/{table}.csv", timeout=600) as response:
        for row in csv.DictReader(io.TextIOWrapper(response, encoding="utf-8", newline="")):
            if "repository_id" in row:
                row["repository_id"] = int(row["repository_id"])
            yield row


def text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def last_readings(home):
    """(dataset, repository) to the instant of its last good answer; and how many snapshots were read."""
    statement = ("SELECT dataset, subject, max(observed_at) AS last, count(*) AS readings FROM collection_log "
                 "WHERE state IN ('changed', 'unchanged') AND subject LIKE 'repository_id=%' GROUP BY ALL")
    asked = run([BINARY, "--home", str(home), "--format", "csv", "sql", "--rows", "1000000", statement])
    last, snapshots = {}, 0
    for row in csv.DictReader(io.StringIO(asked.stdout)):
        last[row["dataset"], int(row["subject"].split("=")[1])] = row["last"]
        snapshots += int(row["readings"]) if row["dataset"] == "github/repository_snapshot" else 0
    return last, snapshots


def compare_snapshots(checks, address, books, read):
    compared, found, names = 0, 0, collections.defaultdict(set)
    for row in sorted(rows(address, "repository_snapshot"), key=lambda row: row["observed_at"]):
        names[row["repository_id"]].add(row["full_name"])
        if row["request"] != "graphql":
            continue
        found += 1
        fact = books.facts(row["observed_at"])[row["repository_id"]]
        for ours, theirs in SNAPSHOT:
            compared += 1
            checks.check(row[ours] == text(fact[theirs]), f"{row['repository_id']} at {row['observed_at']}: {ours} is {row[ours]}, "
                         f"the books say {fact[theirs]}")
    checks.check(found == read, f"{found} snapshots of {read} that were read")
    kept = collections.defaultdict(set)
    for row in rows(address, "repository_name"):
        kept[row["repository_id"]].add(row["full_name"])
        for seen in ("first_seen", "last_seen"):
            compared += 1
            fact = books.facts(row[seen]).get(row["repository_id"])
            checks.check(fact is not None and fact["full_name"] == row["full_name"], f"{row['full_name']} at {row[seen]}: {fact}")
    for identity, shown in names.items():
        checks.check(kept[identity] == shown, f"{identity} was read as {shown}, its names are {kept[identity]}")
    return compared


def compare_star_days(checks, address, books, last, choose):
    """A day of the page that every reading takes, by the last one; an older day by the reading that it is from, for the
    repositories that `choose` takes. A star withdrawn since lowers an older day at the source only."""
    compared, days, read_at = 0, collections.defaultdict(dict), collections.defaultdict(lambda: collections.defaultdict(dict))
    for row in rows(address, "star_day"):
        days[row["repository_id"]][row["source_day"]] = int(row["gained"])
        read_at[row["repository_id"]][row["observed_at"]][row["source_day"]] = int(row["gained"])
    for (dataset, identity), at in last.items():
        if dataset != "github/star_history":
            continue
        truth = books.star_days(identity, at)
        newest = str(datetime.date.fromisoformat(at[:10]) - NEWEST_PAGE)
        for day in truth.keys() | days[identity].keys():
            ours, theirs = days[identity].get(day, 0), truth.get(day, 0)
            compared += 1
            checks.check(ours == theirs or day < newest and ours > theirs, f"{identity} {day}: {ours} instead of {theirs} at {at}")
        for at, some in read_at[identity].items() if choose(identity) else ():
            truth = books.star_days(identity, at)
            compared += len(some)
            for day, ours in some.items():
                checks.check(ours == truth.get(day, 0), f"{identity} {day}: {ours} instead of {truth.get(day)}, read at {at}")
    return compared


def compare_revisions(checks, address, books, choose):
    """Both ends of each change between two readings, for the repositories that `choose` takes."""
    wanted = collections.defaultdict(dict)
    for row in rows(address, "star_day_revision"):
        if not choose(row["repository_id"]):
            continue
        wanted[row["repository_id"], row["observed_before"]][row["source_day"]] = int(row["gained_before"])
        wanted[row["repository_id"], row["observed_at"]][row["source_day"]] = int(row["gained"])
    for (identity, at), days in wanted.items():
        truth = books.star_days(identity, at)
        for day, gained in days.items():
            checks.check(truth.get(day, 0) == gained, f"{identity} {day} was {gained} at {at}, the books say {truth.get(day)}")
    return sum(len(days) for days in wanted.values())


def compare_releases(checks, address, books, last):
    compared, releases = 0, collections.defaultdict(dict)
    for row in rows(address, "release"):
        releases[row["repository_id"]][int(row["id"])] = (row["tag_name"], row["prerelease"])
    for (dataset, identity), at in last.items():
        if dataset == "github/release":
            truth = books.releases(identity, at)
            compared += len(truth)
            checks.check(releases[identity] == truth, f"the releases of {identity} at {at}")
    return compared


def followed(address):
    cursor = ""
    while cursor is not None:
        with urllib.request.urlopen(f"{address}/api/v1/repositories?{urllib.parse.urlencode({'cursor': cursor} if cursor else {})}",
                                    timeout=60) as response:
            page = json.load(response)
        yield from page["rows"]
        cursor = page["next_cursor"]


def compare_registry(checks, address, books, last):
    """The name by which the source gave each repository last; and who is said to have moved has moved."""
    compared = 0
    for repository in followed(address):
        identity, state = repository["repository_id"], repository["state"]
        at = last.get(("github/repository_snapshot", identity))
        if state is None or at is None:
            continue
        names = books.names(identity, at)
        owners = {name.split("/")[0] for name in names}
        compared += 2
        checks.check(repository["full_name"] == names[-1], f"{identity} is {repository['full_name']}, its names were {names}")
        moved = {"renamed": len(names) > 1, "transferred": len(owners) > 1}.get(state["name"], True)
        checks.check(moved, f"{identity} is {state['name']}, its names were {names}")
    return compared


def compare(checks, home, address, books, chosen=None):
    """Everything, but the revisions and older star days of the first `chosen` repositories only: each of those readings is a
    question to the books. Gives how many facts were compared and how many repositories were read."""
    last, snapshots = last_readings(home)
    identities = sorted({identity for _, identity in last})
    choose = set(identities[:chosen]).__contains__
    compared = compare_snapshots(checks, address, books, snapshots)
    compared += compare_star_days(checks, address, books, last, choose)
    compared += compare_revisions(checks, address, books, choose)
    compared += compare_releases(checks, address, books, last)
    compared += compare_registry(checks, address, books, last)
    return compared, len(identities)
