"""A linear head on frozen mn04: the tagger that ships."""
