"""What a run does, job by job; `registry` has them in the order of their work."""
