"""Images under the compose file's own names where none can be pulled: Debian's Python, RabbitMQ, nginx and Prometheus,
the embedded database in MongoDB's place, and a mail sink of a page.

They prove the compose file, the images of our own services, start by health, networks, walls and scaling. They do not
prove MongoDB itself, nor the published images' own entrypoints. They are made once for each machine: the engine keeps
them, under a label that says what they were made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ops.locks import entries, operator_lock, service_lock

WHAT_IT_DOES_NOT_PROVE = (
    "no image can be pulled here: stand-ins were built under the compose file's names. They do not prove MongoDB "
    "itself (authorisation by role, replica sets, failover: the embedded database stands in for it), nor the published "
    "images' own entrypoints; Grafana has no stand-in."
)
NOT_PROVEN: list[str] = []
"""What is to be said at the end of these tests, however they went."""
_HERE = Path(__file__).parent / "images"
_LABEL = "hub.stand-in"
_ROOTS = {
    "python": ("bookworm", "python3.11-minimal,python3.11-venv,python3-pip-whl,ca-certificates,media-types"),
    "servers": ("trixie", "rabbitmq-server,nginx-light,prometheus,wget"),
}
"""Root file systems: the Debian release, and the packages beside the essential ones."""
_ROOT_OF = {
    "python": "python",
    "database": "python",
    "mail": "python",
    "broker": "servers",
    "proxy": "servers",
    "watch": "servers",
}
_SCRIPTS = {"database": "mongod.py", "mail": "mailpit.py"}
"""What stands in for a program."""
_NOT_IN_LOCKS = ("setuptools", "wheel")
"""What pip builds the few packages with that have no wheel."""


class CannotBuild(Exception):
    """Why there are no stand-ins here, in one line."""


def ensure(**wanted: str) -> None:
    """Have an image of each kind under the name it is given. Raises `CannotBuild`."""
    NOT_PROVEN.append(WHAT_IT_DOES_NOT_PROVE)
    missing = [kind for kind, name in wanted.items() if _label(name) != _fingerprint(kind)]
    if not missing:
        return
    if not (shutil.which("mmdebstrap") and shutil.which("apt-get")):
        raise CannotBuild("no image can be pulled, and mmdebstrap, which stand-ins are built with, is not installed")
    with tempfile.TemporaryDirectory(prefix="hub-images-") as place:
        context = Path(place)
        shutil.copytree(_HERE, context, dirs_exist_ok=True)
        with ThreadPoolExecutor(3) as pool:
            begun = [pool.submit(_import_root, root, context) for root in sorted({_ROOT_OF[kind] for kind in missing})]
            if "python" in missing:
                begun.append(pool.submit(_download_wheels, context / "wheels"))
            for each in begun:
                each.result()
        for kind in missing:
            _run(
                ["docker", "build", "--quiet", "--file", str(context / f"{kind}.Dockerfile"), "--tag", wanted[kind]]
                + [
                    "--label",
                    f"{_LABEL}={_fingerprint(kind)}",
                    "--build-arg",
                    f"PYTHON_IMAGE={wanted['python']}",
                    str(context),
                ]
            )


def can_be_pulled(image: str) -> bool:
    """Whether an image is here, or can be had. One that stands in is as good as none."""
    if _label(image) is None:
        try:
            done = subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, timeout=30)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0
    return not _label(image)


def stands_in(image: str) -> bool:
    """Whether what bears this name here is a stand-in."""
    return bool(_label(image))


def _label(image: str) -> str | None:
    """What the image was made from; empty for a real one, None where there is no such image."""
    form = f'{{{{index .Config.Labels "{_LABEL}"}}}}'
    done = subprocess.run(["docker", "image", "inspect", "--format", form, image], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def _fingerprint(kind: str) -> str:
    """What a stand-in is made from, in short."""
    parts = [str(_ROOTS[_ROOT_OF[kind]]), (_HERE / f"{kind}.Dockerfile").read_text()]
    if _ROOT_OF[kind] == "python":
        parts.append(_requirements())
    if kind in _SCRIPTS:
        parts.append((_HERE / _SCRIPTS[kind]).read_text())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _import_root(name: str, place: Path) -> None:
    """A small Debian with these packages, as the image `hub-stand-in-root:<name>`."""
    release, packages = _ROOTS[name]
    tag = f"hub-stand-in-root:{name}-{hashlib.sha256(packages.encode()).hexdigest()[:8]}"
    if _label(tag) is None:
        archive = place / f"{name}.tar"
        _run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", release, str(archive), _mirror()])
        path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        _run(["docker", "import", "--change", path, str(archive), tag])
        archive.unlink()
    _run(["docker", "tag", tag, f"hub-stand-in-root:{name}"])


def _mirror() -> str:
    """The Debian mirror that this machine itself is told to use."""
    listed = _run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"])
    for line in listed.splitlines():
        address, _, release = line.partition(" ")
        if release in ("bookworm", "trixie", "stable"):
            return address
    raise CannotBuild("stand-ins are built on Debian, and this machine knows no mirror of it")


def _download_wheels(place: Path) -> None:
    """Everything the images install, as pip gets it on this machine: a container has no way out to fetch it."""
    place.mkdir()
    requirements = place.parent / "requirements.txt"
    requirements.write_text(_requirements())
    tools = place.parent / "tools.txt"
    tools.write_text("\n".join(_NOT_IN_LOCKS) + "\n")
    pip = _pip()
    for arguments in (["--require-hashes", "-r", str(requirements)], ["-r", str(tools)]):
        _run([*pip, "download", "--quiet", "--no-deps", "--dest", str(place), *arguments])


def _requirements() -> str:
    """What services, the operator's tool, the embedded database and the mail sink are installed from."""
    lock = entries()
    servers = [lock[name] for name in ("secantusdb", "s2sphere", "shapely", "numpy", "future", "aiosmtpd", "atpublic")]
    return service_lock() + operator_lock() + "\n".join(servers) + "\n"


def _pip() -> list[str]:
    """pip of a Python 3.11, because the wheels are for it."""
    for candidate in (["python3.11", "-m", "pip"], [sys.executable, "-m", "pip"], ["python3", "-m", "pip"]):
        if _is_of_3_11(candidate):
            return candidate
    if shutil.which("uv"):
        return ["uv", "run", "--quiet", "--no-project", "--python", "3.11", "--with", "pip", "python", "-m", "pip"]
    raise CannotBuild("stand-ins are built with pip for Python 3.11, and there is none")


def _is_of_3_11(pip: list[str]) -> bool:
    try:
        return "python 3.11" in subprocess.run([*pip, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return False


def _run(command: Iterable[str]) -> str:
    classic = {**os.environ, "DOCKER_BUILDKIT": "0"}  # the builder that each engine has, with whatever command line
    done = subprocess.run([*command], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=classic)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise CannotBuild(f"{' '.join([*command][:3])} …: {last}")
    return done.stdout
