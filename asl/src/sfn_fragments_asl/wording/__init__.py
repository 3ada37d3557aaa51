"""What a definition says, in a person's words: conditions, errors, service calls, times.

Pictures, comparisons and reports show the same words for the same thing.

- `sfn_fragments_asl.wording.calls`: what a Task calls.
- `sfn_fragments_asl.wording.conditions`: when a rule of a Choice state holds.
- `sfn_fragments_asl.wording.expressions`: paths and JSONata.
- `sfn_fragments_asl.wording.figures`: numbers and prices.
- `sfn_fragments_asl.wording.jsonata`: conditions in JSONata.
- `sfn_fragments_asl.wording.states`: what a state does, and when it goes on to another.
"""
