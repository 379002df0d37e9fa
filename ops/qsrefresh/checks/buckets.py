"""The watched buckets: there, and sending their events here."""

import json
from collections.abc import Iterator

from qsrefresh import bucket
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.sample_files import matches, sample_event
from qsrefresh.language import Phrase
from qsrefresh.project import Place, rules_starting

_FORWARD = 'docs/operations.md, "A bucket in another Region"'

_NO_BUCKET = Phrase(ja="バケット{bucket}がありません", en="bucket {bucket} does not exist")
_NO_EVENTS = Phrase(
    ja="バケット{bucket}は、イベントをEventBridgeに送っていません",
    en="bucket {bucket} does not send its events to EventBridge",
)
_SENDS = Phrase(
    ja="バケット{bucket}は{region}にあり、イベントをEventBridgeに送っています",
    en="bucket {bucket} is in {region} and sends its events to EventBridge",
)
_ELSEWHERE = Phrase(
    ja="バケット{bucket}はリージョン{region}にあり、イベントは{here}に届きません",
    en="bucket {bucket} is in the Region {region}: its events never come to {here}",
)
_FORWARDS = Phrase(
    ja="バケット{bucket}はリージョン{region}にあり、そこのルール{rule}がイベントを{here}に転送しています",
    en="bucket {bucket} is in the Region {region}: the rule {rule} there forwards its events"
    " to {here}",
)


def bucket_events(check: Check) -> Iterator[Finding]:
    """Bucket."""
    places = {place.bucket: place for rule in check.rules for place in rule.places}
    for name in sorted(places):
        yield _bucket_of(check, places[name])


def _bucket_of(check: Check, place: Place) -> Finding:
    name, here = place.bucket, check.project.region
    region = bucket.region_of(check.aws, name)
    if region is None:
        return bad(_NO_BUCKET, f"aws s3 mb s3://{name} --region {here}", bucket=name)
    if not bucket.sends_events(bucket.notifications(check.aws, name)):
        where = "" if region == here else f" --region {region}"
        return bad(_NO_EVENTS, f"qsrefresh enable-bucket {name}{where}", bucket=name)
    if region == here:
        return good(_SENDS, bucket=name, region=region)
    forwarding = _forwarding(check, place, region)
    if forwarding is None:
        mend = f"deploy both stacks in {region}, or forward its events: {_FORWARD}"
        return bad(_ELSEWHERE, mend, bucket=name, region=region, here=here)
    about = {"bucket": name, "region": region, "here": here, "rule": forwarding}
    return warning(_FORWARDS, f"what can get lost on that way: {_FORWARD}", **about)


def _forwarding(check: Check, place: Place, region: str) -> str | None:
    """Return the rule of another Region that sends a bucket's events here, None if none does."""
    there = check.aws.elsewhere(region)
    event = json.dumps(sample_event(check.project, place.folder, region))
    for rule in rules_starting(there, check.project.event_bus_arn):
        if rule.enabled and matches(there, rule, event):
            return rule.name
    return None
