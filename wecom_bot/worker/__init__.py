"""Consumers of the queue, our back room: gevent workers that lease jobs, do them, and say done, retry or bury."""
