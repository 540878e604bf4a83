"""How soon a saved listing is found on Elasticsearch, under a load of saves."""
