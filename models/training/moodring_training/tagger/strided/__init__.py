"""The strided network, an alternative to compare with; what a small run exports."""
