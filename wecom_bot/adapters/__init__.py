"""The neighbours: only bootstrap may come here, and the folders do not know each other."""
