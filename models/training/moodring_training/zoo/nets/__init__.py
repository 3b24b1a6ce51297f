"""The architectures, written from their papers. Each takes what its card's front-end gives, and gives logits and an embedding."""
