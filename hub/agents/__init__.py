"""The stream loop and what it stands on: Faust topics in, one producer out, every fault to its ending."""
