"""The demo page: what the service says of a photo, for people. It knows the service by `client` alone, and stores nothing."""
