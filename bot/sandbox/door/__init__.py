"""The door: what a person does and sees, as JSON over HTTP."""
