"""Send dead letters back to their queue, after the cause was fixed: ``make redrive QUEUE=webhooks``.

On AWS the console's redrive button, or ``aws sqs start-message-move-task``, does the same.
"""

import sys

from crowdship.notify.webhooks.replay.dead_letters import replay_dead
from local.running import RunningStack

OUTPUT, DEAD = "QueueUrl", "DeadQueueUrl"


def main(queue: str) -> int:
    """Move the dead letters of one queue back and print how many there were."""
    stack = RunningStack.load()
    name = "".join(part.capitalize() for part in queue.split("-"))
    names = [output.removesuffix(DEAD) for output in stack.outputs if output.endswith(DEAD)]
    # Dead letters of streams, rules and schedules did not come from a queue, so they can't be sent back.
    queues = [known for known in names if f"{known}{OUTPUT}" in stack.outputs]
    if name not in queues:
        known = sorted(known.lower() for known in queues)
        print(f"there is no queue {queue or '(none given)'}; QUEUE= may be one of: {', '.join(known)}")
        return 1
    moved = replay_dead(stack.client("sqs"), stack.outputs[f"{name}{DEAD}"], stack.outputs[f"{name}{OUTPUT}"])
    print(f"{moved} messages sent back to {queue}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
