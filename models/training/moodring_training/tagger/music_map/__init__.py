"""The map of music: songs and whatever is heard, on a plane."""
