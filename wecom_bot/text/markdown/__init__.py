"""What was written for a browser, a kind a file; `text/plain.py` puts it in plain words."""
