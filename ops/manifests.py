"""Which manifests of QuickSight's S3 data sources would read a file of a folder into a dataset.

A manifest names files and prefixes. The API tells where it lies, not what it says.
https://docs.aws.amazon.com/quick/latest/userguide/supported-manifest-file-format.html
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError

#: The ways to write an address; the bucket stands in front of S3's own name, or behind it.
_ADDRESSES = (
    re.compile(r"s3://([^/]+)/?(.*)"),
    re.compile(r"https?://s3[.-][^/]*/([^/]+)/?(.*)"),
    re.compile(r"https?://([^/]+?)\.s3[.-][^/]*/?(.*)"),
)
#: It was deleted: what it named is read by nobody.
_GONE = ("NoSuchBucket", "NoSuchKey", "404")


@dataclass(frozen=True)
class Reader:
    """A data source that would read the file; without a location it could not be found out."""

    data_source: str
    manifest: str
    location: str | None

    def __str__(self) -> str:
        what = f"reads {self.location}" if self.location else "cannot be read from here"
        return f"the manifest {self.manifest} of the data source {self.data_source} {what}"


def readers(aws: Aws, bucket: str, key: str) -> Iterator[Reader]:
    """Yield the data sources of this Region whose manifest covers a file, or may."""
    for source in aws.members(
        "quicksight", "list_data_sources", "DataSources", AwsAccountId=aws.account_id
    ):
        where = source.get("DataSourceParameters", {}).get("S3Parameters", {})
        if where := where.get("ManifestFileLocation"):
            name = source.get("Name") or source["DataSourceId"]
            yield from _reader(aws, name, where, (bucket, key))


def _reader(aws: Aws, name: str, where: dict[str, str], file: tuple[str, str]) -> Iterator[Reader]:
    uri = f"s3://{where['Bucket']}/{where['Key']}"
    try:
        found = aws.call("s3", "get_object", Bucket=where["Bucket"], Key=where["Key"])
        locations = list(_locations(json.loads(found["Body"].read())))
        covering = [one for one in locations if covers(one, *file)]
    except AwsError as error:
        if error.code not in _GONE:
            yield Reader(name, uri, None)
    except (AttributeError, LookupError, TypeError, ValueError):
        yield Reader(name, uri, None)
    else:
        yield from (Reader(name, uri, one) for one in covering)


def _locations(manifest: Any) -> Iterator[str]:
    for entry in manifest.get("entries", []):  # Redshift's format
        yield entry["url"]
    for entry in manifest.get("fileLocations", []):
        yield from entry.get("URIs", [])
        yield from entry.get("URIPrefixes", [])


def covers(location: str, bucket: str, key: str) -> bool:
    """Tell whether a file begins like what a manifest names.

    Raises:
        ValueError: it is no address of S3.
    """
    for address in _ADDRESSES:
        if found := address.fullmatch(location):
            names = (found[2], unquote(found[2]))  # whether they are quoted is not documented
            return found[1] == bucket and key.startswith(names)
    raise ValueError(location)
