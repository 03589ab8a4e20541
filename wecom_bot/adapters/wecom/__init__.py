"""WeCom: its callbacks, its API and its words, none of which is known outside this folder."""
