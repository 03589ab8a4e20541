"""What a number shows under a number format of Excel or WPS: the subset that docs/howto/articles.md lists."""
