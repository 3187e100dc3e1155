"""The replication package of a study: see `package`."""
