"""How properties are tested: no deadline, since the machine is shared and the first example compiles a policy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("hub", deadline=None)
settings.load_profile("hub")
