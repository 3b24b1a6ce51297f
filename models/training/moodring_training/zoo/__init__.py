"""Ten published architectures of music taggers, small, as models that the plugin loads."""
