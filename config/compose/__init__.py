"""The containers of one machine: service, gateway, page and Prometheus, as compose.yaml at the top has them."""
