"""The use cases: messages and facts in, ordered emits out. No transport, no clock."""
