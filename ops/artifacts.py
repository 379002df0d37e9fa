"""What AWS needs of a deployment besides the templates: the functions' code and the definitions.

``sam package`` does the same for a build; the functions install nothing, so there is none to make.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError

_LOCAL = re.compile(r"^( +(?:CodeUri|DefinitionUri): )(\S+)$", re.MULTILINE)
#: The earliest time that an archive can hold: the same files are the same archive, any day.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_KINDS = (".py", ".toml")


@dataclass(frozen=True)
class Artifact:
    """A file to upload: ``key`` holds a digest of its content."""

    key: str
    body: bytes


def bucket_name(account_id: str, region: str) -> str:
    """Return the bucket that all projects of an account and Region upload to."""
    return f"qsrefresh-artifacts-{account_id}-{region}"


def packaged(template: Path, bucket: str, project: str) -> tuple[Artifact, list[Artifact]]:
    """Return a template that names its files in S3, and these files."""
    found: list[Artifact] = []

    def uploaded(line: re.Match[str]) -> str:
        made = _artifact(template.parent / line[2], project)
        found.append(made)
        return f"{line[1]}s3://{bucket}/{made.key}"

    text = _LOCAL.sub(uploaded, template.read_text(encoding="utf-8"))
    return _named(project, template.name, text.encode()), found


def _artifact(path: Path, project: str) -> Artifact:
    if path.is_dir():
        return _named(project, f"{path.name}.zip", _zipped(path))
    return _named(project, path.name, path.read_bytes())


def _named(project: str, name: str, body: bytes) -> Artifact:
    return Artifact(f"{project}/{hashlib.sha256(body).hexdigest()[:16]}/{name}", body)


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in _files(folder):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16  # Lambda must be able to read it
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(one for one in folder.rglob("*") if one.suffix in _KINDS)


def upload(aws: Aws, bucket: str, artifacts: list[Artifact]) -> None:
    """Put the files into the bucket, which is made if it is not there.

    Raises:
        OperatorError: the bucket belongs to another account, or S3 refuses.
    """
    owned = {"Bucket": bucket, "ExpectedBucketOwner": aws.account_id}
    if not _exists(aws, bucket):
        _make(aws, bucket)
    for one in artifacts:
        aws.call("s3", "put_object", Key=one.key, Body=one.body, **owned)


def _exists(aws: Aws, bucket: str) -> bool:
    try:
        aws.call("s3", "head_bucket", Bucket=bucket, ExpectedBucketOwner=aws.account_id)
    except AwsError as error:
        if error.code in ("404", "NoSuchBucket"):
            return False
        if error.code == "403":
            raise OperatorError(
                f"the bucket {bucket} belongs to somebody else, or you may not use it",
                "ask the account's administrator; or deploy with the SAM CLI, which has a bucket"
                " of its own (docs/deploy.md)",
            ) from error
        raise
    return True


def _make(aws: Aws, bucket: str) -> None:
    """Make a bucket that nobody else can read, which is S3's default since April 2023."""
    here = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    # us-east-1 is the one Region that S3 does not take here.
    aws.call("s3", "create_bucket", Bucket=bucket, **({} if aws.region == "us-east-1" else here))


def url(region: str, bucket: str, key: str) -> str:
    """Return where CloudFormation finds a template."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{bucket}.s3.{region}.{suffix}/{key}"
