"""Who is asked about music: published taggers, and the one that ships."""
