"""What we say through WeCom: replies in its words and sizes, pictures, and calls for servicers."""
