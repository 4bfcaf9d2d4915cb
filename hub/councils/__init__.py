"""The councils' policy files, and the loader that reads and checks them. The only place where a council has a name."""
