"""Formulas as people read them in a line of text: x² ≤ 1/2, and not what TeX was told to draw."""
