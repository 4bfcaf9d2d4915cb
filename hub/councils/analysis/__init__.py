"""What a policy means, worked out from what the engine compiles: ways for data to go, and how two policies differ in them."""
