"""What a worker's trainings leave for the ones after them."""

from dataclasses import dataclass, field

from core.learning.programs import Programs
from core.learning.ready import Ready
from core.learning.scenes import Scenes


@dataclass
class Warm:
    """Compiled programs, copies of networks for whoever watches, and tables made ready."""

    programs: Programs = field(default_factory=Programs)
    scenes: Scenes = field(default_factory=Scenes)
    ready: Ready = field(default_factory=Ready)
