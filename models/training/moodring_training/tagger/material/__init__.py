"""What the corpus step makes for the tagger."""
