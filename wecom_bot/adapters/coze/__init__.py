"""Coze (扣子) and the tenant's own intent service: calls and words that nobody else knows."""
