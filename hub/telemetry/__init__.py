"""What a worker shows of itself: metrics with closed labels, logs without personal data, health that tells the truth."""
