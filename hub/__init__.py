"""Multi-agency information sharing hub: consent, minimisation and disclosure records on Apache Kafka."""
