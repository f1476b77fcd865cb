"""A data folder of invented repositories, made once per size and kept in build/bench."""

import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILLER = ROOT / "build/release/bench/bench_filler"


def filled_folder(repositories, days):
    home = ROOT / f"build/bench/{repositories}x{days}"
    stamp = home / "filled"
    if not stamp.exists() or stamp.stat().st_mtime < FILLER.stat().st_mtime:
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([FILLER, home, str(repositories), str(days)], check=True, stderr=subprocess.DEVNULL, timeout=900)
        stamp.touch()
    return home
