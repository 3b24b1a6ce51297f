"""The tagger: genre, instrument and mood of what is heard, from log-mel levels."""
