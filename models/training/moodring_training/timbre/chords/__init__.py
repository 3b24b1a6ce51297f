"""Chords: what hears them, and how far they are from where they were led."""
