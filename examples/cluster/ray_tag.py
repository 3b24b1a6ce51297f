"""Tags a folder into Parquet files with Ray: `python ray_tag.py Music tags --workers 2`.

Without --address Ray starts on this machine. A worker that dies is replaced, and its batch heard again. On a cluster, music and output have to
be where every node sees them.
"""

import argparse
import os
from pathlib import Path

import pyarrow.parquet as pq
import ray

import moodring_rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("output", help="a folder that is not there yet")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8, help="files that a worker hears at a time")
    parser.add_argument("--address", help="of a cluster that runs already")
    arguments = parser.parse_args()
    output = Path(arguments.output).absolute()
    try:
        output.mkdir(parents=True)
    except FileExistsError:
        # Rows of two runs in one folder are nobody's wish.
        parser.error(f"{output}: it is there already: name another folder")

    here = {} if arguments.address else {"num_cpus": arguments.workers, "include_dashboard": False}
    # Each worker gets this folder: moodring_rows is in it.
    ray.init(address=arguments.address, runtime_env={"working_dir": str(Path(__file__).parent)}, **here)
    paths = moodring_rows.files(arguments.folder)
    batches = [paths[start : start + arguments.batch] for start in range(0, len(paths), arguments.batch)]
    # No more at a time than are worked on: a million songs would be a million tasks in the scheduler.
    running = []
    for number, batch in enumerate(batches):
        if len(running) >= 2 * arguments.workers:
            done, running = ray.wait(running)
            ray.get(done)
        running.append(tag.remote(batch, output / f"part-{number:06}.parquet"))
    ray.get(running)
    ray.shutdown()


@ray.remote(num_cpus=1, max_retries=3)
def tag(paths, part):
    """The map step. A part has its name only once it is whole, and the next try writes the same. Readers pass over hidden files."""
    draft = part.with_name(f".{part.name}.{os.getpid()}")
    pq.write_table(moodring_rows.tag(paths), draft)
    draft.replace(part)


if __name__ == "__main__":
    main()
