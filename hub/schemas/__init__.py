"""Wire formats: Avro schemas that carry the data classification, the codec, and minimisation by field."""
