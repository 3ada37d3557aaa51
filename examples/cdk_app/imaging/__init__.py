"""An imaging team's pipelines: plates come by S3, are synced, counted and cleaned up."""
