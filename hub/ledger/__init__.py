"""What the hub remembers: identity index, subject events, register, reviews; their ports and the two adapters."""
