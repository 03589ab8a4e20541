"""SQL by SQLAlchemy Core: tenants, articles and the record, on SQLite or MySQL, chosen by WECOM_BOT_DATABASE_URL."""
