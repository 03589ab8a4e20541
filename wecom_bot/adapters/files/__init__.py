"""Files that operators write: tenants as TOML; articles and orders as JSON Lines, CSV or XLSX."""
