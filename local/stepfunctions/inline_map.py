"""An inline Map whose iterations share their execution's history, on the account's clock.

Imitates: at most 40 iterations at once; one history for all, so that together they reach its limit;
an iteration that fails, which fails the Map and ends the others; the error of that iteration, which
is the Map's, ``States.…`` too; iterations that end with their execution.
Does not imitate: more than what moto's own workers do within one iteration.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.job import JobPool
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.core.clock import AbortedError, Clock, StoppedError, Task

#: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
MAX_ITERATIONS = 40


def run(clock: Clock, component: Any, env: Environment) -> None:
    """Run moto's workers as tasks of the clock, and leave the iterations' outputs on the stack."""
    parent = clock.current()
    assert parent is not None
    eval_input = env.stack.pop()
    items = eval_input.input_items
    pool = JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    fatal: list[StoppedError] = []
    tasks: list[Task] = []

    def work(worker: Any) -> None:
        try:
            worker.eval()
        except AbortedError:
            raise
        except StoppedError as error:
            fatal.append(error)
            end_all()
            raise

    def end_all() -> None:
        for task in tasks:
            if not task.finished:
                clock.stop_task(task, AbortedError(cause="the Map ended"))

    number = min(len(items), eval_input.max_concurrency or MAX_ITERATIONS, MAX_ITERATIONS)
    for index in range(number):
        worker = component._create_worker(env=env, eval_input=eval_input, job_pool=pool)
        name = f"{parent.name}/{eval_input.state_name}/{index}"
        task = clock.spawn(name, lambda worker=worker: work(worker))  # type: ignore[misc]
        task.on_finish.append(lambda: clock.wake(parent))
        tasks.append(task)
    try:
        clock.wait(lambda: bool(fatal) or pool._is_terminated())
    finally:
        end_all()
    if fatal:
        raise fatal[0]
    failure = pool.get_worker_exception()
    if failure is not None:
        raise failure
    env.stack.append([job.job_output for job in pool.get_closed_jobs()])
