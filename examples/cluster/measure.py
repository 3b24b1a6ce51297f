"""How many files an hour: one process, and each engine with 1 and 2 workers. `cargo xtask cluster` runs it."""

import argparse
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import moodring_rows
from conftest import ENGINES, MUSIC, command, environment, one_process, rows

# A song is the excerpt, 25 s long, so many times: an ogg may be chained.
CHAINED = 10


def timed(arguments):
    begun = time.monotonic()
    subprocess.run(list(map(str, arguments)), env=environment(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return time.monotonic() - begun


def processor():
    """Seconds of processor time of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=24)
    songs = parser.parse_args().songs
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        folder = place / "library"
        folder.mkdir()
        song = (MUSIC / "war_of_freedom.ogg").read_bytes() * CHAINED
        for index in range(songs):
            (folder / f"{index}.ogg").write_bytes(song)
        before = processor()
        expected, _ = one_process(folder)
        cost = processor() - before
        seconds = sum(row["seconds"] for row in expected.values())
        print(f"{songs} songs of {seconds / songs:.0f} s")
        print(f"of one core's time: {seconds / cost:.0f} times real time, {songs / cost * 3600:.0f} files an hour")
        print(f"{'':24}{'seconds':>9}{'files an hour':>15}{'a million songs':>17}")

        def tell(name, took):
            hour = songs / took * 3600
            print(f"{name:24}{took:9.1f}{hour:15.0f}{1e6 / hour / 24:12.1f} days", flush=True)

        for jobs in (1, 2):
            tell(f"moodring tag --jobs {jobs}", timed([moodring_rows.program(), "tag", "--format", "jsonl", "--jobs", jobs, folder]))
        for engine in ENGINES:
            for workers in (1, 2):
                output = place / f"{engine}{workers}"
                tell(f"{engine}, {workers} workers", timed(command(engine, folder, output, workers, "--batch", 2)))
                assert rows(output) == expected, f"{engine}: other rows than one process"


if __name__ == "__main__":
    main()
