"""Speed, measured against a ceiling in the same run; never asserted by a timed test."""
