"""``mathdl warmup``: compile every kernel now."""

from __future__ import annotations

import typer


def warmup() -> None:
    """Compile every kernel now, so that no run has to.

    In single and in double precision, for an image of a container or a room full of people who begin at once. Kernels
    are compiled for this processor, and are kept in the folder that NUMBA_CACHE_DIR names, where it is set. What is
    there already is not compiled again.
    """
    from mathdl.cli.counting_bar import counting_bar
    from mathdl.kernels.disk_cache import announce
    from mathdl.runs.warmup import compile_by, kept, works

    kept()  # where nothing can be kept, that is said at once
    announce("compiling every kernel, once (a minute or two)")
    jobs = works()
    with counting_bar("compiling") as show:
        for done, work in enumerate(jobs):
            show(done, len(jobs))
            compile_by(work)
        show(len(jobs), len(jobs))
    found = kept()
    folders = " and ".join(map(str, found.folders))
    typer.echo(f"compiled kernels  {found.files:,} files, {found.size / 1e6:,.0f} MB in {folders}")
