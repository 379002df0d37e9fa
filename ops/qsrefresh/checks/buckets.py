"""The watched buckets: there, and sending their events here."""

import json
from collections.abc import Iterator

from qsrefresh import bucket
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.sample_files import matches, sample_event
from qsrefresh.project import Place, rules_starting

_FORWARD = 'docs/operations.md, "A bucket in another Region"'


def bucket_events(check: Check) -> Iterator[Finding]:
    """Bucket."""
    places = {place.bucket: place for rule in check.rules for place in rule.places}
    for name in sorted(places):
        yield _bucket_of(check, places[name])


def _bucket_of(check: Check, place: Place) -> Finding:
    name, here = place.bucket, check.project.region
    region = bucket.region_of(check.aws, name)
    if region is None:
        return bad(f"bucket {name} does not exist", f"aws s3 mb s3://{name} --region {here}")
    if not bucket.sends_events(bucket.notifications(check.aws, name)):
        where = "" if region == here else f" --region {region}"
        return bad(
            f"bucket {name} does not send its events to EventBridge",
            f"qsrefresh enable-bucket {name}{where}",
        )
    if region == here:
        return good(f"bucket {name} is in {region} and sends its events to EventBridge")
    forwarding = _forwarding(check, place, region)
    if forwarding is None:
        return bad(
            f"bucket {name} is in the Region {region}: its events never come to {here}",
            f"deploy both stacks in {region}, or forward its events: {_FORWARD}",
        )
    return warning(
        f"bucket {name} is in the Region {region}: the rule {forwarding} there forwards its events"
        f" to {here}",
        f"what can get lost on that way: {_FORWARD}",
    )


def _forwarding(check: Check, place: Place, region: str) -> str | None:
    """Return the rule of another Region that sends a bucket's events here, None if none does."""
    there = check.aws.elsewhere(region)
    event = json.dumps(sample_event(check.project, place.folder, region))
    for rule in rules_starting(there, check.project.event_bus_arn):
        if rule.enabled and matches(there, rule, event):
            return rule.name
    return None
