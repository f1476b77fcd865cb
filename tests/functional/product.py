"""The real binary, for tests: run it, kill it, serve a data folder and read what it publishes."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("STARGAZE_BINARY", str(ROOT / "build/release/stargaze"))
TABLES = ["repository", "license", "repository_snapshot", "repository_name", "repository_membership", "dag_run"]
PANELS = ["top", "repositories", "risers"]


def environment():
    """Nothing of the machine's own settings reaches the test."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def demo_command(home, days, repositories, *more):
    return [BINARY, "--home", str(home), "demo", "--once", "--days", str(days), "--repositories", str(repositories), *more]


def run(command, timeout=300):
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=timeout, check=False)


class Server:
    """`stargaze up`, or another `verb`, over a data folder, for the length of a with block."""

    def __init__(self, home, *flags, variables=None, verb="up"):
        self.variables = variables or environment()
        self.command = [BINARY, "--home", str(home), *flags, verb, "--listen", "127.0.0.1:0"]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, env=self.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError("the server did not start: " + line + self.process.stderr.read())
        self.address = line[line.index("http://"):].split()[0].rstrip("/")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=60) as response:
            return response.read().decode()


class Sandbox:
    """A simulated source in a process of its own, for the length of a with block: of `repositories`, or another `world`."""

    def __init__(self, repositories=0, seed=5, world=None, flags=()):
        self.world = world or f"generated:seed={seed},repositories={repositories}"
        self.flags = flags

    def __enter__(self):
        self.process = subprocess.Popen([BINARY, "sandbox", *self.flags, "--world", self.world, "--listen", "127.0.0.1:0"],
                                        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        self.address = line[line.index("http://"):].split()[0].rstrip("/.,;")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)


def wait_for(holds, seconds):
    """Whether something came to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


def published(home):
    """Every table and panel of a data folder, as CSV text by name."""
    with Server(home) as server:
        found = {name: server.get(f"/api/v1/tables/{name}.csv") for name in TABLES}
        found.update({name: server.get(f"/api/v1/pages/trends/{name}.csv?w=7d") for name in PANELS})
    return found


class Checks:
    """Counts what held; the script's exit code and last line come from here."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED:", what)
        return holds

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.failed == 0 and self.passed > 0 else 1)


def first_difference(a, b):
    for left, right in zip(a.splitlines(), b.splitlines()):
        if left != right:
            return f"\n  {left[:300]}\n  {right[:300]}"
    return f"{len(a.splitlines())} lines against {len(b.splitlines())}"
