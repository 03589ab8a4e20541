"""The stages of thinking, one in a file; `pipeline.py` says in which order."""
