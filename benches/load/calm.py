"""Measuring on a machine that is not one's own. The host of a virtual machine gives its processors to others for a while,
which Linux counts, and wakes one that sleeps late. What is measured meanwhile tells about the host, not about the server."""

import multiprocessing
import os
from contextlib import contextmanager
from pathlib import Path

# The share of the processors' time that may be missing.
CALM = 0.02
TRIES = 6


def calmest(measure, *arguments):
    """Measures until the host is calm, TRIES times at most. Returns the calmest measurement, and the share that was
    missing."""
    runs = []
    while len(runs) < TRIES and (not runs or runs[-1][1] > CALM):
        before = processor_time()
        measured = measure(*arguments)
        missing, whole = (now - then for now, then in zip(processor_time(), before))
        runs.append((measured, missing / whole))
    return min(runs, key=lambda run: run[1])


def processor_time():
    """Since the machine started: what was missing, and all of it."""
    ticks = [int(tick) for tick in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[7], sum(ticks)


@contextmanager
def awake():
    """Lets no processor sleep. What keeps them awake gives way to everything else."""
    loops = [multiprocessing.Process(target=turn, args=(processor,), daemon=True)
             for processor in os.sched_getaffinity(0)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def turn(processor):
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while True:
        pass
