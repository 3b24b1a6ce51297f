"""Tags a folder into Parquet files with Spark: `python spark_tag.py Music tags.parquet --master 'local[2,4]'`.

Spark needs a Java runtime, 17 or later. `local[2,4]` is two workers on this machine, and four tries for each batch: with plain `local[2]` Spark
gives up when the first worker dies. On a cluster, use spark-submit and its own address.
"""

import argparse
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

import moodring_rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder")
    arguments.add_argument("output", help="a folder that is not there yet")
    arguments.add_argument("--master", default="local[2,4]")
    arguments.add_argument("--batch", type=int, default=8, help="files that a worker hears at a time")
    arguments = arguments.parse_args()

    spark = SparkSession.builder.master(arguments.master).appName("moodring tag").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(moodring_rows.__file__)
    paths = moodring_rows.files(arguments.folder)
    # A partition is what is heard again if a worker dies.
    partitions = max(1, -(-len(paths) // arguments.batch))
    songs = spark.createDataFrame([(path,) for path in paths], "file string").repartition(partitions)
    rows = songs.mapInArrow(tag, from_arrow_schema(moodring_rows.SCHEMA))
    # An output that is there is an error: rows of two runs in one folder are nobody's wish.
    rows.write.mode("error").parquet(str(Path(arguments.output).absolute()))
    spark.stop()


def tag(batches):
    """The map step."""
    for batch in batches:
        if batch.num_rows:
            yield from moodring_rows.tag(batch["file"].to_pylist()).to_batches()


if __name__ == "__main__":
    main()
