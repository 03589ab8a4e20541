"""The composition root: which adapter goes in which socket. Nothing is built before it is asked for.

One module for each kind of process, so that none imports what only another needs.
"""
