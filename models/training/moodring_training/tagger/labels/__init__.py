"""The words: tags, what they are kinds of, and which are right for what."""
