"""One file a step; they are never changed once released."""
