"""Lets the tests import the pipeline from wherever they are called."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
