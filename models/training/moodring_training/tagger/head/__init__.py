"""A linear head on frozen mn04, a candidate."""
