"""Imports moto where the user's AWS settings cannot get in its way.

moto makes boto3 sessions while it is imported, and these fail where ``AWS_PROFILE`` names a profile
that this machine does not have. Import this module before any other that imports moto.
"""

from __future__ import annotations

from sfn_fragments_local.environment import replaced_environment

with replaced_environment({}):
    import moto.ec2
    import moto.moto_server.werkzeug_app

__all__ = ["moto"]
