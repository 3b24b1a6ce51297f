"""The strided network, which ships."""
