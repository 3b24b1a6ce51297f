"""A model of notes: who plays, which pitch, how long since the onset, to harmonics, noise and level."""
