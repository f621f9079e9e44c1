"""A person's own alerts and how he wants to be told. Everything here is of the person himself: there is nothing of others to see."""
