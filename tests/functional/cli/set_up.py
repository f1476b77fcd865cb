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


class Owner:
    """Somebody with settings and tokens of their own; a source at a port of this machine is their GitHub."""

    def __init__(self, work, port):
        self.work, home = work, work / "owner"
        self.kept = home / ".config/stargaze/github_tokens"
        self.variables = {"HOME": str(home), "STARGAZE_GITHUB_BASE_URL": f"http://127.0.0.1:{port}"}
        self.printed = []

    def auth(self, *words, typed="", more=None):
        done = subprocess.run([BINARY, "auth", *words], env={**environment(), **self.variables, **(more or {})}, input=typed,
                              capture_output=True, text=True, timeout=60, check=False, cwd=self.work)
        self.printed.append(done.stdout + done.stderr)
        return done

    def typing(self, typed, *words, more=None):
        code, shown = at_terminal(["auth", "token", "add", "--offline", *words], 100, self.work, {**self.variables, **(more or {})}, typed=typed)
        self.printed.append(shown)
        return code, shown


def check_auth(checks, places, listener, port):
    """`listener` answers as GitHub's /rate_limit does, with a status that the test sets, and remembers who asked."""
    owner = Owner(pathlib.Path(places["work"]), port)
    listener.status, listener.skew = 200, 0
    check_kept(checks, owner, listener)
    check_judged(checks, places, owner, listener)
    check_typed(checks, owner)
    checks.check(not any(token in text for text in owner.printed for token in (ONE, OTHER)), "no token is ever printed")


def check_kept(checks, owner, listener):
    auth, kept = owner.auth, owner.kept
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
    named = into_pipe(["config", "get", "github.tokens_file"], owner.work, owner.variables)
    checks.check(named.stdout == f"{kept}\n", f"the settings name the file: {named.stdout}{named.stderr}")
    twice = auth("token", "add", typed=ONE + "\n")
    checks.check(twice.returncode == 0 and kept.read_text() == ONE + "\n", f"and keep it once: {twice.stderr}")
    listener.seen.clear()
    offline = auth("token", "add", "--offline", typed=OTHER)
    checks.check(offline.returncode == 0 and kept.read_text() == f"{ONE}\n{OTHER}\n" and not listener.seen, f"offline: {offline.stderr}")
    for what, typed in (("nothing", "# mine\n"), ("two", f"{ONE}x\n{ONE}y\n"), ("a comma", f"{ONE}x,{ONE}y"), ("a bell", f"{ONE}\x07\n")):
        wrong = auth("token", "add", typed=typed)
        checks.check(wrong.returncode == 2 and kept.read_text() == f"{ONE}\n{OTHER}\n", f"{what} is no token: {wrong.stderr}")


def check_judged(checks, places, owner, listener):
    auth, kept = owner.auth, owner.kept
    listener.seen.clear()
    status = auth("status", "--json", more={"STARGAZE_GITHUB_TOKEN": ONE})
    rows = [(row["token"], row["from"], row["state"], row["requests_left"], row["requests_limit"]) for row in json.loads(status.stdout)]
    checks.check(rows == [("…abcd", "STARGAZE_GITHUB_TOKEN", "ok", 4990, 5000), ("…wxyz", str(kept), "ok", 4990, 5000)], f"each once: {rows}")
    for status in (302, 404, 503):
        listener.status = status
        unknown = auth("token", "add", typed=ONE + "x\n")
        checks.check(unknown.returncode == 9 and "--offline" in unknown.stderr and ONE + "x" not in kept.read_text(),
                     f"HTTP {status} accepts nothing: {unknown.stderr}")
        checks.check(auth("status").returncode == 9, f"HTTP {status} says nothing of a token")
    listener.status = 401
    checks.check(auth("status").returncode == 7, "a refused token fails the check")
    checks.check(auth("status", more={"STARGAZE_GITHUB_BASE_URL": "http://127.0.0.1:1"}).returncode == 9, "nobody is there")
    listener.status = 200
    every = into_pipe(["--home", places["empty"], "doctor", "--json"], owner.work, {**owner.variables, "STARGAZE_LISTEN": "127.0.0.1:0"})
    found = [row["detail"][:5] for row in json.loads(every.stdout) if row["check"] == "token"]
    checks.check(found == ["…abcd", "…wxyz"], f"doctor looks at every token: {every.stdout}")

    kept.chmod(0o644)
    open_file = auth("status")
    checks.check(open_file.returncode == 4 and f"chmod 600 {kept}" in open_file.stderr, f"others may read it: {open_file.stderr}")
    kept.chmod(0o600)
    checks.check(auth("token", "remove", "0000").returncode == 3, "there is no such token")
    removed = auth("token", "remove", "…abcd")
    checks.check(removed.returncode == 0 and kept.read_text() == OTHER + "\n", f"one is forgotten: {removed.stderr}")


def check_typed(checks, owner):
    kept, both = owner.kept, f"{OTHER}\n{ONE}\n"
    code, shown = owner.typing(ONE + "\n")
    checks.check(code == 0 and "not shown" in shown and kept.read_text() == both, f"typed at a terminal: {shown}")
    code, shown = owner.typing(f"{ONE[:-1]}zz\x7f\x7fdx\x7f\n")
    checks.check(code == 0 and "already" in shown and kept.read_text() == both, f"typed with mistakes: {shown}")
    code, shown = owner.typing("ghp_half\x03")
    checks.check(code == 130 and kept.read_text() == both, f"Ctrl-C: {code} {shown}")
    named = owner.work / "named/tokens"
    code, shown = owner.typing(ONE + "\n", more={"STARGAZE_GITHUB_TOKENS_FILE": str(named)})
    checks.check(code == 0 and named.read_text() == ONE + "\n", f"a file that is named and not there: {shown}")
    code, shown = owner.typing("", "--no-input")
    checks.check(code == 2 and "--no-input" in shown, f"nothing may be asked: {shown}")
