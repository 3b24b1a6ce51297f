"""The tagger: what names genre, instrument and mood."""
