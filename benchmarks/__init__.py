"""Every figure the README quotes, measured with one command: `./hub bench NAME`."""

import warnings

warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")  # its announcement at each import, as in shared.runner
