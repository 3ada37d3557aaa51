"""The Amazon States Language: a model of definitions, and what can be said about them.

It knows nothing of CDK, of plugins or of fragments: a definition is JSON, YAML or a part of a
template, and comes from anywhere.

- `sfn_fragments_asl.model`: machines, states, transitions, service calls, expressions.
- `sfn_fragments_asl.reading`: definitions in files, templates and cloud assemblies.
- `sfn_fragments_asl.checks`: what AWS would refuse, and what would cost.
- `sfn_fragments_asl.permissions`: what the role of a state machine needs.
- `sfn_fragments_asl.forecast`: what an execution enters, writes and costs.
- `sfn_fragments_asl.wording`: conditions, errors, calls and times in a person's words.
- `sfn_fragments_asl.drawing`: pictures of state machines.
- `sfn_fragments_asl.comparing`: what differs between two definitions.
"""
