"""Fitting intervals between others: what is taken never shares time with anything, and nothing free is refused."""

from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.fitting import Fit, Fitting

Pair = tuple[int, int]


def shares(one: Pair, other: Pair) -> bool:
    """Tell as the database does whether two overlap: one that takes no time does so only inside of another."""
    return one[0] < other[1] and other[0] < one[1]


@st.composite
def recorded(draw: st.DrawFn) -> list[Pair]:
    """Give stretches that do not overlap, some of which take no time."""
    ends = sorted(draw(st.lists(st.integers(0, 40), max_size=12)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    return [it for at, it in enumerate(pairs) if not any(shares(it, other) for other in pairs[:at])]


arriving = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=12)


def placed(held: list[Pair], wanted: list[Pair], *, trim: bool, step: int) -> list[tuple[Pair, Fit, Pair | None]]:
    """Fit some at a time, as an import does."""
    fitting, found = Fitting(), []
    for first in range(0, len(wanted), step):
        some = wanted[first : first + step]
        last = max(end for _, end in some)
        # As the store answers: what reaches between, and may reach further.
        fitting.look([(a, b, at + 1) for at, (a, b) in enumerate(held) if a < last and b >= some[0][0]])
        for start, end in some:
            fit = fitting.fit(start, end)
            cut = (start, end) if fit.clear else fitting.trim(start, end) if trim and not fit.same else None
            found.append(((start, end), fit, cut))
    return found


@given(recorded(), arriving, st.booleans(), st.integers(1, 4))
def test_what_is_taken_shares_no_time(held: list[Pair], raw: list[Pair], trim: bool, step: int) -> None:  # noqa: FBT001
    wanted = sorted((start, start + length) for start, length in raw)
    taken: list[Pair] = []
    for pair, fit, cut in placed(held, wanted, trim=trim, step=step):
        free = not any(shares(pair, it) for it in (*held, *taken))
        # One that takes no time may be refused where a cut one begins.
        assert fit.clear == free or (free and trim and pair[0] == pair[1])
        assert fit.same <= (pair in held)
        if cut is not None:
            assert pair[0] <= cut[0] <= cut[1] <= pair[1]
            assert not any(shares(cut, it) for it in (*held, *taken))
            taken.append(cut)


@given(recorded(), arriving)
def test_trimming_keeps_the_first_part_that_is_free(held: list[Pair], raw: list[Pair]) -> None:
    wanted = sorted((start, start + length) for start, length in raw)
    taken: list[Pair] = []
    for (start, end), fit, cut in placed(held, wanted, trim=True, step=3):
        others = [*held, *taken]
        if not fit.clear and not fit.same:
            free = [at for at in range(start, end) if not any(shares((at, at + 1), it) for it in others)]
            first = free[0] if free else None
            assert (cut[0] if cut else None) == first or any(a == b for a, b in others)
        if cut is not None:
            taken.append(cut)
