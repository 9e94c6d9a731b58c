"""Codes that were used for a redemption which was undone since: the coupon is there again, but whoever scanned such a
code may not use it once more. In the writer's memory for as long as proofs of them last."""

from teahouse.coupons.counter import codes, proofs, store
from teahouse.storage.transaction import Tx

STEPS = proofs.LASTS_MS // 1000 // codes.STEP_S + codes.OLD_STEPS + codes.EARLY_STEPS + 1
"""A proof of an older code than this many steps ends before it is looked at."""
MANY = 10_000


class UndoneSteps:
    def __init__(self) -> None:
        self._steps: dict[str, int] | None = None
        """The newest such step of a coupon. Read from the store when the house has opened."""

    def last(self, tx: Tx, coupon: str) -> int:
        """Return the newest step by which a coupon was used before it came back, if that matters still; else 0."""
        if self._steps is None:
            self._steps = store.undone_since(tx.connection, codes.step_at(tx.now) - STEPS)
        return self._steps.get(coupon, 0)

    def add(self, tx: Tx, coupon: str, step: int) -> None:
        before = self.last(tx, coupon)
        if step > before:
            self._keep(tx, coupon, step)
            tx.undo(lambda: self._keep(tx, coupon, before))

    def _keep(self, tx: Tx, coupon: str, step: int) -> None:
        steps = self._steps
        assert steps is not None
        if len(steps) >= MANY:
            oldest = codes.step_at(tx.now) - STEPS
            steps = self._steps = {name: each for name, each in steps.items() if each >= oldest}
        steps[coupon] = step
