"""Keeping what tenants wrote where it is searched: the indexer, and building an index anew."""
