"""Search in what tenants wrote, and recognition of what customers want, with nothing but SQLite."""
