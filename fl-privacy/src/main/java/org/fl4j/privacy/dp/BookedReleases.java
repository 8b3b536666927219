package org.fl4j.privacy.dp;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;

/** How often each kind of release was booked. Immutable. */
record BookedReleases(SortedMap<BookedRelease, Long> counts) {

    static final BookedReleases NONE = new BookedReleases(Collections.emptySortedMap());

    BookedReleases plus(BookedRelease release, long times) {
        if (times == 0) {
            return this;
        }
        SortedMap<BookedRelease, Long> more = new TreeMap<>(counts);
        more.merge(release, times, Math::addExact);
        return new BookedReleases(Collections.unmodifiableSortedMap(more));
    }

    BookedReleases plus(BookedReleases others) {
        BookedReleases sum = this;
        for (var booking : others.counts.entrySet()) {
            sum = sum.plus(booking.getKey(), booking.getValue());
        }
        return sum;
    }

    /** What this has beyond another record. */
    BookedReleases without(BookedReleases other) {
        BookedReleases beyond = NONE;
        for (var booking : counts.entrySet()) {
            long more = booking.getValue() - other.counts.getOrDefault(booking.getKey(), 0L);
            beyond = beyond.plus(booking.getKey(), Math.max(0, more));
        }
        return beyond;
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    long rounds() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Rounds whose sampling counts for the budget only because the host trusts cohort members. */
    long trustingRounds() {
        return counts.entrySet().stream()
                .filter(booking -> booking.getKey().cohort() == CohortVisibility.TRUSTED_MEMBERS)
                .mapToLong(booking -> booking.getValue())
                .sum();
    }

    Composition againstOutsiders() {
        return composition(BookedRelease::againstOutsiders);
    }

    Composition againstMembers() {
        return composition(BookedRelease::againstMembers);
    }

    Composition budgeted() {
        return composition(BookedRelease::budgeted);
    }

    private Composition composition(Function<BookedRelease, PrivacyEvent> against) {
        Composition composition = Composition.empty();
        for (var booking : counts.entrySet()) {
            composition = composition.plus(against.apply(booking.getKey()), booking.getValue());
        }
        return composition;
    }
}
