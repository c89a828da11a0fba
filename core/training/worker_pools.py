"""What a worker's trainings leave for the ones after them."""

from dataclasses import dataclass, field

from core.inspect.snapshot_pool import Scenes
from core.model.matrices import TablePool
from core.training.compiled_pool import Programs


@dataclass
class Warm:
    """Compiled programs, copies of networks for whoever watches, and tables made ready."""

    programs: Programs = field(default_factory=Programs)
    scenes: Scenes = field(default_factory=Scenes)
    tables: TablePool = field(default_factory=TablePool)
