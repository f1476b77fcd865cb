"""The program at a pseudo terminal, and into a pipe."""

import contextlib
import os
import pty
import select
import subprocess
import time

from product import BINARY, environment


def at_terminal(arguments, width, folder, more=None, typed=""):
    """Standard output and error both at a pseudo terminal, as one text; `typed` is, once something stands there."""
    leader, follower = pty.openpty()
    variables = {**environment(), "TERM": "xterm", "COLUMNS": str(width), **(more or {})}
    with subprocess.Popen([BINARY, *arguments], env=variables, stdin=follower, stdout=follower, stderr=follower,
                          cwd=folder) as process:
        os.close(follower)
        text = b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([leader], [], [], 1)[0]:
                continue
            with contextlib.suppress(OSError):
                piece = os.read(leader, 65536)
                text += piece
                if piece:
                    os.write(leader, typed.encode())
                    typed = ""
                    continue
            break
        try:
            code = process.wait(timeout=1 if time.monotonic() > deadline else 60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait(timeout=60)
    os.close(leader)
    return code, text.decode().replace("\r\n", "\n")


def into_pipe(arguments, folder, variables=None, timeout=120):
    done = subprocess.run([BINARY, *arguments], env={**environment(), **(variables or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, check=False, cwd=folder)
    return done
