"""The first commands of an installation: a settings file, and tokens that are kept, judged and forgotten."""

import json
import pathlib
import subprocess

from command import at_terminal, into_pipe
from product import BINARY, environment

ONE, OTHER = "ghp_OneTokenOfTheTestOnly000abcd", "ghp_OtherTokenOfTheTestOnly0wxyz"


def check_init(checks, places):
    work = pathlib.Path(places["work"])
    home = work / "newcomer"
    file = home / ".config/stargaze/config.yaml"
    variables = {"HOME": str(home)}
    dry = into_pipe(["init", "--dry-run"], work, variables)
    checks.check(dry.returncode == 0 and not file.exists(), f"a dry run writes nothing: {dry.stderr}")
    done = into_pipe(["init", "--json"], work, variables)
    [said] = json.loads(done.stdout)
    checks.check(said == {"settings_file": str(file), "written": True, "data_folder": str(home / ".local/share/stargaze"),
                          "listen": "127.0.0.1:8686"}, f"what init has done: {said}")
    checks.check("stargaze auth token add" in done.stderr and "stargaze up" in done.stderr, f"and what comes next: {done.stderr}")
    shown = into_pipe(["config", "show", "--origin", "--json"], work, variables)
    changed = [row["setting"] for row in json.loads(shown.stdout) if str(file) in row["origin"]]
    checks.check(not changed and into_pipe(["config", "validate"], work, variables).returncode == 0, f"it changes nothing: {changed}")
    into_pipe(["config", "set", "duckdb.threads", "3"], work, variables)
    before = file.read_text()
    again = into_pipe(["init", "--json"], work, variables)
    checks.check(again.returncode == 0 and json.loads(again.stdout)[0]["written"] is False and file.read_text() == before,
                 f"a second init leaves the file: {again.stdout}{again.stderr}")
    nobody = into_pipe(["init"], work, {"HOME": ""})
    checks.check(nobody.returncode == 2 and "--config" in nobody.stderr, f"without a home: {nobody.stderr}")


def check_auth(checks, places, listener, port):
    """`listener` answers as GitHub's /rate_limit does, with a status that the test sets, and remembers who asked."""
    work = pathlib.Path(places["work"])
    home = work / "owner"
    kept = home / ".config/stargaze/github_tokens"
    variables = {"HOME": str(home), "STARGAZE_GITHUB_BASE_URL": f"http://127.0.0.1:{port}"}
    printed = []

    def auth(*words, typed="", more=None):
        done = subprocess.run([BINARY, "auth", *words], env={**environment(), **variables, **(more or {})}, input=typed,
                              capture_output=True, text=True, timeout=60, check=False, cwd=work)
        printed.append(done.stdout + done.stderr)
        return done

    listener.status, listener.skew = 200, 0
    none = auth("status")
    checks.check(none.returncode == 0 and "60 requests an hour" in none.stderr and not none.stdout, f"no token: {none.stderr}")

    listener.status = 401
    refused = auth("token", "add", typed=ONE + "\n")
    checks.check(refused.returncode == 4 and not kept.exists(), f"a refused token is not kept: {refused.stderr}")
    listener.status = 200
    listener.seen.clear()
    added = auth("token", "add", typed=ONE + "\n")
    checks.check(added.returncode == 0 and kept.read_text() == ONE + "\n" and kept.stat().st_mode & 0o777 == 0o600,
                 f"a token is kept for its owner: {added.stderr}")
    checks.check(listener.seen == [("/rate_limit", f"Bearer {ONE}")], f"GitHub is asked about it: {listener.seen}")
    named = into_pipe(["config", "get", "github.tokens_file"], work, variables)
    checks.check(named.stdout == f"{kept}\n", f"the settings name the file: {named.stdout}{named.stderr}")
    twice = auth("token", "add", typed=ONE + "\n")
    checks.check(twice.returncode == 0 and kept.read_text() == ONE + "\n", f"and keep it once: {twice.stderr}")
    listener.seen.clear()
    offline = auth("token", "add", "--offline", typed=OTHER)
    checks.check(offline.returncode == 0 and kept.read_text() == f"{ONE}\n{OTHER}\n" and not listener.seen, f"offline: {offline.stderr}")
    for what, typed in (("nothing", ""), ("two", f"{ONE}x,{ONE}y\n"), ("a control character", f"{ONE}\x07\n")):
        wrong = auth("token", "add", typed=typed)
        checks.check(wrong.returncode == 2 and kept.read_text() == f"{ONE}\n{OTHER}\n", f"{what} is no token: {wrong.stderr}")

    listener.seen.clear()
    status = auth("status", "--json", more={"STARGAZE_GITHUB_TOKEN": ONE})
    rows = [(row["token"], row["from"], row["state"], row["requests_left"], row["requests_limit"]) for row in json.loads(status.stdout)]
    checks.check(rows == [("…abcd", "STARGAZE_GITHUB_TOKEN", "ok", 4990, 5000), ("…wxyz", str(kept), "ok", 4990, 5000)], f"each once: {rows}")
    listener.status = 401
    checks.check(auth("status").returncode == 7, "a refused token fails the check")
    checks.check(auth("status", more={"STARGAZE_GITHUB_BASE_URL": "http://127.0.0.1:1"}).returncode == 9, "nobody is there")
    listener.status = 200
    every = into_pipe(["--home", places["empty"], "doctor", "--json"], work, {**variables, "STARGAZE_LISTEN": "127.0.0.1:0"})
    found = [row["detail"][:5] for row in json.loads(every.stdout) if row["check"] == "token"]
    checks.check(found == ["…abcd", "…wxyz"], f"doctor looks at every token: {every.stdout}")

    kept.chmod(0o644)
    open_file = auth("status")
    checks.check(open_file.returncode == 4 and f"chmod 600 {kept}" in open_file.stderr, f"others may read it: {open_file.stderr}")
    kept.chmod(0o600)
    checks.check(auth("token", "remove", "0000").returncode == 3, "there is no such token")
    removed = auth("token", "remove", "…abcd")
    checks.check(removed.returncode == 0 and kept.read_text() == OTHER + "\n", f"one is forgotten: {removed.stderr}")

    asked = ["auth", "token", "add", "--offline"]
    code, shown = at_terminal(asked, 100, work, variables, typed=ONE + "\n")
    printed.append(shown)
    checks.check(code == 0 and "not shown" in shown and kept.read_text() == f"{OTHER}\n{ONE}\n", f"typed at a terminal: {shown}")
    code, shown = at_terminal([*asked, "--no-input"], 100, work, variables)
    checks.check(code == 2 and "--no-input" in shown, f"nothing may be asked: {shown}")
    checks.check(not any(token in text for text in printed for token in (ONE, OTHER)), "no token is ever printed")
