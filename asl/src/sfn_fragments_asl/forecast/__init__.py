"""What an execution enters, writes into its history, and costs."""
