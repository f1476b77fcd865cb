"""--server: commands that another server runs, and what of it is refused; --log-format: notes and errors for programs."""

import json
import pathlib
import urllib.request

from command import into_pipe
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
            checks.check(remote.returncode == 2 and "--server" in remote.stderr, f"{words} is about this machine: {remote.stderr}")
            posted = operation(server, token, words)
            checks.check(posted["exit_code"] == 2 and posted["stdout"] == "", f"nor does the server run {words}: {posted}")
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
                              (["trned", "--help"], 2, "E-INVALID-INPUT")):
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
