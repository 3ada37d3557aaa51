"""A run of a state machine as it was, read from its history.

- `sfn_fragments_asl.runs.model`: executions, visits of states, attempts, jobs, functions.
- `sfn_fragments_asl.runs.history`: the visits that a list of events tells of.
- `sfn_fragments_asl.runs.history_files`: what the AWS CLI prints of a history.
- `sfn_fragments_asl.runs.described_jobs`: the jobs that a history tells of.
- `sfn_fragments_asl.runs.outcome`: where the error of a run came from.
- `sfn_fragments_asl.runs.figures`: states entered, price, and what of the definition was run.
- `sfn_fragments_asl.runs.masking`: texts without the secrets in them.
"""
