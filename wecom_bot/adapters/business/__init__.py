"""The tenants' own databases: named read-only queries."""
