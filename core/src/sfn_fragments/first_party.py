"""Fragments, hooks and extras of the plugins of this project, known whether installed or not."""

#: Beginning of a fragment's name to the extra that installs its plugin.
EXTRAS = {
    "batch": "batch",
    "data_sync": "data-sync",
    "demand_execution": "demand-execution",
    "efs": "efs",
}

#: So that a misspelt name gets its hint before the plugin is installed, too.
FRAGMENTS = (
    "batch.executor",
    "batch.lambda_function",
    "batch.submit_job",
    "core.lambda_function",
    "data_sync.distributed_sync",
    "data_sync.sync",
    "demand_execution.execute",
    "efs.clean_file_system",
    "efs.data_path_stats",
    "efs.outdated_path_scanner",
    "efs.remove_paths",
)

#: Hooks that plugins of this project bring, to the plugin: who implements one need not require it.
HOOKS = {"sfn_fragments_batch_job_options": "batch", "sfn_fragments_job_runners": "local"}


def distribution_of(plugin: str) -> str | None:
    """The distribution that a name of a plugin belongs to; ``None`` if it is anybody's."""
    if plugin == "core":
        return "sfn-fragments"
    owned = plugin in EXTRAS or plugin in (*HOOKS.values(), "authoring")
    return f"sfn-fragments-{plugin.replace('_', '-')}" if owned else None
