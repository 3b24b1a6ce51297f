"""What a frame is: its spectrum, the envelope and the descriptors of it, and whose it is."""
