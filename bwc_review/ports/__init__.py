"""The outside world as use cases see it: small protocols and the plain values that cross them."""
