"""The desk on the web: the public register, the e-service's door, Slack over HTTP, health."""
