"""What the writer keeps in memory of the coupons in use, and how a group's changes of them are written together. Only
the writer's thread touches it; what a rolled back group touched is read from the store again."""

from collections import OrderedDict

from teahouse.coupons.pack import rules, store
from teahouse.storage.transaction import Tx

COUPONS_MAX = 20_000


class CouponState:
    """A coupon as the writer knows it: the columns of its row."""

    __slots__ = (
        "campaign",
        "claimed_at",
        "claimer",
        "custody",
        "discount",
        "due_at",
        "expires_at",
        "giver",
        "holder",
        "id",
        "redeemed_at",
        "starts_at",
        "state",
    )

    def __init__(
        self,
        id: str,
        campaign: str,
        claimer: str,
        holder: str,
        giver: str,
        custody: int,
        state: str,
        claimed_at: int,
        starts_at: int,
        expires_at: int,
        redeemed_at: int,
        discount: int,
        due_at: int,
    ) -> None:
        self.id = id
        self.campaign = campaign
        self.claimer = claimer
        """Who got it from the merchant."""
        self.holder = holder
        self.giver = giver
        self.custody = custody
        """Number of the holder in the chain of those who had it."""
        self.state = state
        """`held`, `reserved`, `redeemed`, `expired`; one that is held may have expired meanwhile."""
        self.claimed_at = claimed_at
        self.starts_at = starts_at
        self.expires_at = expires_at
        self.redeemed_at = redeemed_at
        self.discount = discount
        self.due_at = due_at

    def row(self) -> tuple[object, ...]:
        return (
            self.id,
            self.campaign,
            self.claimer,
            self.holder,
            self.giver,
            self.custody,
            self.state,
            self.claimed_at,
            self.starts_at,
            self.expires_at,
            self.redeemed_at,
            self.discount,
            self.due_at,
        )


class Written:
    """The group's new and changed coupons, until they are written together."""

    def __init__(self) -> None:
        self.coupons: Coupons | None = None
        self.new: dict[str, CouponState] = {}
        self.changed: dict[str, CouponState] = {}
        self.links: list[tuple[object, ...]] = []
        self.touched: list[str] = []
        """All of the group, also what is written already."""

    def flush(self, tx: Tx) -> None:
        new, changed, links = self.new, self.changed, self.links
        if new:
            self.new = {}
            store.append(tx.connection, [each.row() for each in new.values()])
        if changed:
            self.changed = {}
            store.renew(tx.connection, [each.row() for each in changed.values() if each.id not in new])
        if links:
            self.links = []
            store.append_custody(tx.connection, links)

    def forget(self) -> None:
        self.new, self.changed, self.links = {}, {}, []
        for coupon in self.touched:
            assert self.coupons is not None
            self.coupons.drop(coupon)


class Coupons:
    """The coupons in use, the least recently used dropped first."""

    def __init__(self) -> None:
        self._coupons: OrderedDict[str, CouponState] = OrderedDict()

    def get(self, tx: Tx, coupon: str) -> CouponState:
        """Raises `NoSuchCoupon`. Say `changing` before you change what you got."""
        state = self._coupons.get(coupon)
        if state is not None:
            self._coupons.move_to_end(coupon)
            return state
        # Dropped meanwhile, but not written yet? To flush for each coupon would write each in statements of its own.
        written = self._written(tx)
        state = written.changed.get(coupon) or written.new.get(coupon)
        if state is not None:
            return self._keep(state)
        row = store.look_up(tx.connection, coupon)
        if row is None:
            raise rules.NoSuchCoupon()
        return self._keep(CouponState(*row))

    def add(self, tx: Tx, state: CouponState) -> None:
        """A coupon that was claimed just now."""
        written = self._written(tx)
        written.new[state.id] = state
        written.touched.append(state.id)
        self._keep(state)

    def changing(self, tx: Tx, state: CouponState) -> None:
        """Say that this command is about to change the coupon; it is written at the end of the group."""
        written = self._written(tx)
        if state.id not in written.changed:
            written.changed[state.id] = state
            written.touched.append(state.id)

    def given(self, tx: Tx, state: CouponState) -> None:
        """Write down who has it now, and who it was that gave it."""
        self._written(tx).links.append((state.id, state.custody, state.giver, state.holder, tx.now))

    def drop(self, coupon: str) -> None:
        self._coupons.pop(coupon, None)

    def _written(self, tx: Tx) -> Written:
        written: Written = tx.gathered(Written)
        written.coupons = self
        return written

    def _keep(self, state: CouponState) -> CouponState:
        self._coupons[state.id] = state
        if len(self._coupons) > COUPONS_MAX:
            self._coupons.popitem(last=False)
        return state
