"""``mathdl verify``: has a certificate checked."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mathdl.certificates import CertificateError
from mathdl.certificates import verify as check
from mathdl.cli.text import printable
from mathdl.errors import FileError, InputError

NOT_SHOWN, OTHER_DATA = 1, 3  # exit codes; 2 is that of an error


def verify(
    certificate: Annotated[
        Path, typer.Argument(metavar="CERTIFICATE", help="A certificate's JSON file.", show_default=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="The data it speaks about: an NPZ file with X and y, or a CSV file with labels in the last column.",
            show_default="certificate-data.npz beside it",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            help="The table that the model was trained on; it is split and encoded again as the model file says.",
            show_default="the data as the solver saw them",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Verify a certificate in exact arithmetic.

    Ends with code 0 where the certificate is valid for the data, with code 1 where its statement has not been shown,
    and with code 3 where the data are other ones than it speaks about.
    """
    if data is not None and table is not None:
        raise InputError("--data and --table exclude each other; give one of them.")
    rows = ""
    try:
        if table is None:
            verdict = check(certificate, data)
        else:
            from mathdl.runs.verify_table import verify_table

            verdict, rows = verify_table(certificate, table)
    except CertificateError as error:
        raise FileError(str(error)) from None
    if as_json:
        typer.echo(json.dumps(asdict(verdict), indent=2))
    else:
        typer.echo(f"{'valid' if verdict else 'NOT valid'}: {printable(verdict.reason)}")
        if rows:
            typer.echo(printable(rows))
    if not verdict:
        raise typer.Exit(NOT_SHOWN if verdict.same_data else OTHER_DATA)
