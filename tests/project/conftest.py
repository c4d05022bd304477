from tests.hazards.stage import diary, hazardous  # noqa: F401  fixtures

from .reading import read  # noqa: F401  a fixture
from .starting import checkout, database  # noqa: F401  fixtures
from .ticking import samples_known, start_in_process  # noqa: F401  fixtures
