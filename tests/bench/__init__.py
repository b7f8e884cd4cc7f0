"""How fast the service is, beside the same work without a server and beside other ways to serve such a network."""
