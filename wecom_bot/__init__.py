"""A customer-service bot for WeCom (企业微信)."""

__version__ = "0.1.0"
