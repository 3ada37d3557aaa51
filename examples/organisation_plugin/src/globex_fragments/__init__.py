"""What globex sets on every state machine."""
