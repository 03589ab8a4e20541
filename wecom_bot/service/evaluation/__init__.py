"""Measuring how good the mind is, on questions whose answer is known."""
