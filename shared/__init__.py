"""What every service of the hub stands on. Knows no service."""

import warnings

# eventlet announces its own retirement whenever it is imported; the platform stands on it because Nameko does
warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")
