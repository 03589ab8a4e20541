"""Files that operators write: tenants as TOML; articles as JSON Lines, CSV or XLSX."""
