"""The rules by which personal data is found; `text/privacy.py` masks by them."""
