"""What an execution enters, writes into its history, and costs.

- `sfn_fragments_asl.forecast.forecast`: ``forecast``, and what it returns.
- `sfn_fragments_asl.forecast.events`: events of each kind of state.
- `sfn_fragments_asl.forecast.items`: how many items a Map goes over.
- `sfn_fragments_asl.forecast.payload`: sizes of inputs and outputs.
- `sfn_fragments_asl.forecast.ways`: the least and greatest over the ways through a machine.
- `sfn_fragments_asl.forecast.prices`: list prices.
"""
