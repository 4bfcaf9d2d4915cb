"""What evaluation gets: counts over the register, by fixed tables, with small numbers suppressed (rules D-27, S-14)."""
