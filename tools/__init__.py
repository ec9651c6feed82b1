"""What builds, refreshes and checks the course; never imported by a notebook."""
