"""The entries about what is no dataset's failure: a registration, a folder, a step."""

from collections.abc import Iterator, Sequence

from language import Voice
from mail_size import Entry
from problem import Problem


def problem_entries(voice: Voice, problems: Sequence[Problem]) -> Iterator[Entry]:
    """Yield a bullet for each problem; the way out that several share stands below the last."""
    for place, problem in enumerate(problems):
        headline = voice.say(problem.headline, **problem.values)
        details = tuple(voice.say(detail, **problem.values) for detail in problem.details)
        said = (problem.said.line(voice, "step"),) if problem.said.start else ()
        request = tuple(filter(None, [problem.said.request_line(voice)]))
        full = (headline, *details, *said, *request)
        yield Entry((full, (headline, *details), (headline,)))
        follows = problems[place + 1 : place + 2]
        if problem.closing and not (follows and follows[0].closing == problem.closing):
            closing = tuple(voice.say(line, **problem.values) for line in problem.closing)
            yield Entry((closing, ()), bullet=False, apart=len(problems) > 1)
