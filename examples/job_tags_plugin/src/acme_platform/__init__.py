"""What the platform team of Acme says of all state machines and jobs."""
