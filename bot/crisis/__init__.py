"""Crisis mode: one approved message to every channel, the website first, nothing lost, nothing doubled."""
