"""What WeCom tells us: callbacks opened and pages fetched, as jobs."""
