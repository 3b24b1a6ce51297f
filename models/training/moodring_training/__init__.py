"""The pipeline that makes Moodring's models: corpus, training, evaluation, export."""
