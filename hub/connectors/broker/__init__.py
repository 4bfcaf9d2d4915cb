"""The embedded broker: one Apache Kafka node that the hub starts itself, from locked packages."""
