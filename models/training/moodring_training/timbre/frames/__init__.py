"""The model of frames, which ships."""
