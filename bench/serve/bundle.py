"""The Trends bundle: distinct states of the page, each asked once, idle and while the warehouse is loaded; any past day."""

import datetime
import http.client
import json
import random
import statistics
import subprocess
import time
import urllib.parse

from measure import verdict
from product import BINARY, Server, environment

GOALS_MS = {"idle": 40, "during a load": 120, "of a past day": 300}


def states(count):
    """Different states of the page, by a fixed seed."""
    choose = random.Random(20260701)
    found = {}
    while len(found) < count:
        query = {"m": choose.choice(["stars", "forks"]), "w": choose.choice(["1d", "7d", "28d", "90d"]),
                 "sort": choose.choice(["stars", "forks", "name", "owner", "created", "license"]), "dir": choose.choice(["asc", "desc"]),
                 "rise": choose.choice(["velocity", "accel"]), "p": str(choose.randint(1, 40)), "n": choose.choice(["10", "25", "50", "100"])}
        if choose.random() < 0.5:
            query["lic"] = ",".join(sorted(choose.sample(["mit", "apache-2.0", "gpl-3.0", "none", "class:permissive"], choose.randint(1, 3))))
        if choose.random() < 0.3:
            query["q"] = choose.choice("abcdefghijklmnop")
        if choose.random() < 0.3:
            query["min"] = str(choose.randint(1, 5000))
        found[urllib.parse.urlencode(query)] = True
    return list(found)


class Client:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, server):
        address = urllib.parse.urlparse(server.address)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)

    def get(self, path):
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        body = response.read()
        return response.status, body

    def milliseconds(self, path):
        began = time.perf_counter()
        status, body = self.get(path)
        taken = (time.perf_counter() - began) * 1000
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body[:300]}")
        return taken

    def wait_ready(self, seconds=600):
        until = time.monotonic() + seconds
        while self.get("/readyz")[0] != 200:
            if time.monotonic() > until:
                raise RuntimeError("the server is not ready")
            time.sleep(0.05)


def report(what, taken):
    ordered = sorted(taken)
    place = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.95, 0.99)}
    print(f"bundle {what}, {len(ordered)} states: p50 {statistics.median(ordered):.1f} ms, p95 {place[0.95]:.1f} ms, "
          f"p99 {place[0.99]:.1f} ms, most {ordered[-1]:.1f} ms")
    verdict(f"bundle {what}, p95", place[0.95], "ms", GOALS_MS[what])


def during_load(home, client, paths):
    """While the same process rebuilds its warehouse, makes the marts and publishes."""
    taken = []
    began = time.monotonic()
    with subprocess.Popen([BINARY, "--home", str(home), "warehouse", "rebuild"], env=environment(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as load:
        for path in paths:
            taken.append(client.milliseconds(path))
            if load.poll() is not None:
                break
        errors = load.communicate(timeout=3600)[1]
    if load.returncode != 0:
        raise RuntimeError("the load failed: " + errors)
    print(f"the load took {time.monotonic() - began:.1f} s; {len(taken)} states were asked meanwhile")
    return taken


def past_days(client, count):
    choose = random.Random(20260702)
    facts = json.loads(client.get("/api/v1/pages/trends")[1])["data"]
    first, last = (datetime.date.fromisoformat(facts[name]) for name in ("first_day", "day"))
    for _ in range(count):
        day = first + datetime.timedelta(days=choose.randrange((last - first).days))
        yield f"/api/v1/pages/trends?asof={day}&w={choose.choice(['1d', '7d', '28d', '90d'])}"


def measure(home, count):
    paths = ["/api/v1/pages/trends?" + query for query in states(2 * count)]
    with Server(home) as server:
        client = Client(server)
        client.wait_ready()
        report("idle", [client.milliseconds(path) for path in paths[:count]])
        report("of a past day", [client.milliseconds(path) for path in past_days(client, max(20, count // 10))])
        report("during a load", during_load(home, client, paths[count:]))
