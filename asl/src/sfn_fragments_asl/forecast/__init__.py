"""What an execution enters, writes into its history, and costs.

- :mod:`sfn_fragments_asl.forecast.forecast`: ``forecast``, and what it returns.
- :mod:`sfn_fragments_asl.forecast.events`: events of each kind of state.
- :mod:`sfn_fragments_asl.forecast.items`: how many items a Map goes over.
- :mod:`sfn_fragments_asl.forecast.payload`: sizes of inputs and outputs.
- :mod:`sfn_fragments_asl.forecast.ways`: the least and greatest over the ways through a machine.
- :mod:`sfn_fragments_asl.forecast.prices`: list prices.
"""
