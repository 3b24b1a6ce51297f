"""The one error that a step ends with."""


class PipelineError(Exception):
    """Something that the user can mend; the message is one line."""
