"""Under everything that calls a neighbour over HTTP: connections in a pool, and limits on a whole exchange."""
