"""What WeCom can be asked: the client, its tokens, and its error codes."""
