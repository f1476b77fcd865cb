"""--server: commands that another server runs, and what of it is refused; --log-format: notes and errors for programs."""

import http.server
import json
import pathlib
import threading
import time
import urllib.request

from command import at_terminal, into_pipe
from product import Server, first_difference

TAKEN = [["trends", "--limit", "5"], ["trends", "--limit", "3", "--json"], ["sql", "SELECT count(*) FROM repository"],
         ["report", "-o", "-", "--limit", "5"], ["repo", "list", "--limit", "3"], ["catalog", "list"], ["dag", "list"],
         ["dag", "show", "github_repo"], ["lake", "du"], ["budget", "show"]]
OF_THIS_MACHINE = [["config", "show"], ["doctor"], ["demo"], ["up"], ["auth", "status"], ["init"], ["completion", "bash"]]


def check_server(checks, places):
    work, home = pathlib.Path(places["work"]), ["--home", places["home"]]
    with Server(places["home"]) as server:
        token = pathlib.Path(places["home"], "admin_token").read_text().strip()
        elsewhere = {"HOME": str(work / "elsewhere")}
        admin = {**elsewhere, "STARGAZE_REMOTE_TOKEN": token}
        there = ["--server", server.address]
        for words in TAKEN:
            here = into_pipe([*home, *words], work)
            remote = into_pipe([*there, *words], work, admin)
            checks.check(remote.returncode == here.returncode == 0 and remote.stdout == here.stdout and remote.stdout != "",
                         f"{words} of a server: {remote.stderr} {first_difference(here.stdout, remote.stdout)}")
        for words in OF_THIS_MACHINE:
            remote = into_pipe([*there, *words], work, admin)
            checks.check(remote.returncode == 2 and "about a machine" in remote.stderr, f"{words} is about this machine: {remote.stderr}")
            posted = operation(server, token, words)
            checks.check(posted["exit_code"] == 2 and posted["stdout"] == "", f"nor does the server run {words}: {posted}")
        (work / "secret").write_text("ghp_SecretOfTheServersMachine\n")
        for flags in (["-c", str(work / "secret")], ["--home", str(work)], ["--catalog", str(work)], ["--server", server.address]):
            for words in (["open"], ["trends", "--web"], ["trends"], ["status"], ["repo", "list"]):
                posted = operation(server, token, [*flags, *words])
                checks.check(posted["exit_code"] == 2 and "ghp_" not in posted["stderr"] and not posted["stdout"],
                             f"a server reads nothing that {flags} names for {words}: {posted}")
        (work / "secret").unlink()
        checks.check(operation(server, token, ["open"])["stdout"] == server.address + "/\n", "it knows where it is")
        for flags in (["--home", places["empty"]], ["--catalog", str(work)], ["--server", ""]):
            refused = into_pipe([*there, *flags, "trends"] if flags[1] else [*flags, "trends"], work, admin)
            checks.check(refused.returncode == 2 and refused.stdout == "", f"{flags} beside a server: {refused.stderr}")
        zoned = ["--tz", "local", "--color", "auto", "repo", "list", "--limit", "2"]
        here, remote = (into_pipe([*where, *zoned], work, {**admin, "TZ": "Asia/Seoul"}) for where in (home, there))
        checks.check(here.stdout == remote.stdout and "+09:00" in here.stdout, f"this machine's zone: {remote.stderr}{remote.stdout}")
        quoted = into_pipe([*there, "--format", "csv", "sql", "--", "SELECT 1 AS a"], work, admin)
        checks.check(quoted.stdout == "a\n1\n", f"words behind --: {quoted.stderr}")
        for what, words in (("reads no file", ["sql", "-f", "/etc/passwd"]), ("writes none", ["report", "-o", str(work / "x.html")])):
            posted = into_pipe([*there, *words], work, admin)
            checks.check(posted.returncode == 2 and not (work / "x.html").exists(), f"a server {what}: {posted.stderr}")

        added = into_pipe([*there, "repo", "add", "77", "--name", "some/thing"], work, admin)
        listed = into_pipe([*home, "repo", "list", "--limit", "1000"], work).stdout
        removed = into_pipe([*there, "repo", "remove", "77"], work, admin)
        checks.check(added.returncode == removed.returncode == 0 and "some/thing" in listed, f"it changes what is there: {added.stderr}")
        nothing = into_pipe([*there, "dag", "run", "github_repo"], work, admin)
        checks.check(nothing.returncode == 6 and "a demo's" in nothing.stderr, f"a demo's server runs nothing: {nothing.stderr}")

        for what, code, flags, variables in [
                ("no token", 4, there, elsewhere), ("a wrong token", 4, there, {**elsewhere, "STARGAZE_REMOTE_TOKEN": "x" * 64}),
                ("no path", 2, ["--server", server.address + "/api"], admin), ("no address", 2, ["--server", "stars"], admin),
                ("nobody there", 9, ["--server", "http://127.0.0.1:1"], admin),
                ("no plain HTTP to others", 4, ["--server", "http://192.0.2.1"], admin)]:
            refused = into_pipe([*flags, "trends"], work, variables)
            checks.check(refused.returncode == code and refused.stderr.startswith("error[") and token not in refused.stderr,
                         f"{what}: {refused.returncode} {refused.stderr}")
        file = work / "remote_token"
        file.write_text(token + "\n")
        file.chmod(0o600)
        kept = into_pipe([*there, "status", "--json=server"], work, {**elsewhere, "STARGAZE_REMOTE_TOKEN_FILE": str(file)})
        checks.check(json.loads(kept.stdout) == [{"server": server.address + "/"}], f"a token from a file: {kept.stderr}")
        checks.check(into_pipe([*there, "open"], work, elsewhere).stdout == server.address + "/\n", "open needs no token")


class Hostile(http.server.BaseHTTPRequestHandler):
    """What answers where a server should."""

    answer = (200, b"{}")
    over = threading.Event()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status, body = Hostile.answer
        if body is None:
            Hostile.over.wait(30)
            return
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def check_hostile_server(checks, places):
    """Nothing that another machine answers is believed or shown as it is."""
    work = places["work"]
    source = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=source.serve_forever, daemon=True).start()
    there = ["--server", f"http://127.0.0.1:{source.server_port}"]
    admin = {"STARGAZE_REMOTE_TOKEN": "x" * 64}
    problem = json.dumps({"detail": "not served here", "remedy": "list it in server.host_names \x1b]0;x\x07"}).encode()
    for what, answer, code, said in [
            ("no JSON", (200, b"<html>"), 1, "cannot be read"), ("no code", (200, b"{}"), 1, "cannot be read"),
            ("a code that is none", (200, b'{"exit_code":256,"stdout":"x","stderr":""}'), 1, "cannot be read"),
            ("a problem", (421, problem), 9, "server.host_names"), ("a proxy's deadline", (504, b""), 9, "may go on"),
            ("a limit", (429, b""), 5, "429")]:
        Hostile.answer = answer
        done = into_pipe([*there, "trends"], work, admin)
        checks.check(done.returncode == code and said in done.stderr and not done.stdout and "\x1b" not in done.stderr,
                     f"{what}: {done.returncode} {done.stderr}")
    Hostile.answer = (200, json.dumps({"exit_code": 0, "stdout": "\x1b]0;title\x07\x1b[1mbold\x1b[0m\n", "stderr": ""}).encode())
    _, shown = at_terminal([*there, "trends"], 80, work, admin)
    checks.check(shown == "]0;title\x1b[1mbold\x1b[0m\n", f"only colours drive the terminal: {shown!r}")
    Hostile.answer = (200, None)
    began = time.monotonic()
    silent = into_pipe([*there, "--timeout", "2s", "sql", "SELECT 1"], work, admin)
    checks.check(silent.returncode == 124 and time.monotonic() - began < 20, f"a silent one: {silent.returncode} {silent.stderr}")
    Hostile.over.set()
    source.shutdown()


def check_only_served(checks, places):
    """Nobody waits for a run that nothing would begin."""
    home = ["--home", places["empty"] + "9"]
    with Server(home[1], verb="serve"):
        for more in ([], ["--detach"]):
            refused = into_pipe([*home, "dag", "run", "github_repo", *more], places["work"], timeout=30)
            checks.check(refused.returncode == 6 and "runs nothing" in refused.stderr, f"serve runs nothing: {refused.stderr}")


def operation(server, token, words):
    asked = urllib.request.Request(server.address + "/operations/cli", data=json.dumps({"arguments": words}).encode(),
                                   headers={"authorization": f"Bearer {token}", "content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read())


def check_log_format(checks, places):
    work, home = places["work"], ["--home", places["home"], "--log-format", "json"]

    def lines(*words):
        done = into_pipe([*home, *words], work)
        return done, [json.loads(line) for line in done.stderr.splitlines()]

    done, said = lines("-v", "trends", "--limit", "1")
    checks.check(done.returncode == 0 and len(said) > 1 and all(line["v"] == 1 and line["t"] == "log" for line in said), f"notes: {said}")
    for words, code, kind in ((["trends", "--limt", "1"], 2, "E-INVALID-INPUT"), (["trends", "--asof", "2020-01-01"], 3, "E-NOT-FOUND"),
                              (["trned", "--help"], 2, "E-INVALID-INPUT"), (["\udcff"], 2, "E-INVALID-INPUT")):
        done, said = lines(*words)
        checks.check(done.returncode == code and said[-1]["t"] == "error" and said[-1]["code"] == kind and said[-1]["remedy"],
                     f"{words}: {done.stderr}")
    into_pipe(["--home", places["empty"] + "4", "demo", "--once", "--days", "8", "--repositories", "60"], work)
    done = into_pipe(["--home", places["empty"] + "4", "--log-format", "json", "demo", "--once", "--days", "16", "--repositories", "60"], work)
    kinds = {json.loads(line)["t"] for line in done.stderr.splitlines()}
    checks.check(done.returncode == 0 and kinds == {"log", "progress"}, f"progress among notes: {kinds} {done.stderr[:500]}")
    with Server(places["home"]):
        done, said = lines("repo", "list", "--limit", "2")
        checks.check(done.returncode == 0 and [line["t"] for line in said] == ["log"], f"what a server says: {done.stderr}")
