"""The partner edge: the broker, topic administration, and the client that an agency's developer uses."""
