"""The timbre models: what moves timbre."""
