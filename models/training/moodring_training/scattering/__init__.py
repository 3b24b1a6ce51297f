"""Scattering against mel: which front-end tells solo instruments of makers that nobody learnt from."""
