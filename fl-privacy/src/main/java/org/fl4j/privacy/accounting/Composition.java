package org.fl4j.privacy.accounting;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.fl4j.internal.Check;
import org.jspecify.annotations.Nullable;

/**
 * Releases made one after another, each free to depend on those before: a multiset of events. The order of events does
 * not matter, to no bit of what an accountant answers.
 *
 * <p>Adding an event takes constant time, whatever the length; events are counted on request. Immutable and
 * thread-safe.
 */
public final class Composition {

    private static final Composition EMPTY =
            new Composition(new Counted(Collections.emptySortedMap()), Adjacency.EITHER);

    /** Replaced once, by what it amounts to; a single field, so that no reader sees half of the change. */
    private volatile Events events;

    private final Adjacency adjacency;

    private Composition(Events events, Adjacency adjacency) {
        this.events = events;
        this.adjacency = adjacency;
    }

    /** No release. */
    public static Composition empty() {
        return EMPTY;
    }

    /**
     * The same release, several times.
     *
     * @param times how often, at least 0
     * @throws IllegalArgumentException if the count is negative
     */
    public static Composition of(PrivacyEvent event, long times) {
        return EMPTY.plus(event, times);
    }

    /** This composition and one more release. */
    public Composition plus(PrivacyEvent event) {
        return plus(event, 1);
    }

    /**
     * This composition and more of one release.
     *
     * @param times how often, at least 0
     * @throws IllegalArgumentException if the count is negative or the event is about other neighbours than those before
     */
    public Composition plus(PrivacyEvent event, long times) {
        if (Check.atLeast("times", times, 0) == 0) {
            return this;
        }
        if (!adjacency.isCompatibleWith(event.adjacency())) {
            throw new IllegalArgumentException(
                    "a composition must hold events of one adjacency: releases before are about "
                            + adjacency + ", but " + event + " is about " + event.adjacency()
                            + "; sample without replacement in all of its sampled releases, or in none");
        }
        Adjacency sum = adjacency == Adjacency.EITHER ? event.adjacency() : adjacency;
        return new Composition(new Added(this, event, times), sum);
    }

    /**
     * Which neighbours the releases are about.
     *
     * @return {@link Adjacency#EITHER} where no release depends on it
     */
    public Adjacency adjacency() {
        return adjacency;
    }

    /**
     * This composition and another.
     *
     * @throws IllegalArgumentException if they are about different neighbours
     */
    public Composition plus(Composition other) {
        Composition sum = this;
        for (var entry : other.events().entrySet()) {
            sum = sum.plus(entry.getKey(), entry.getValue());
        }
        return sum;
    }

    /**
     * How often each event happened.
     *
     * @return distinct events in their order, with counts of at least 1; cannot be changed
     * @throws ArithmeticException if a count exceeds 2^63 - 1
     */
    public SortedMap<PrivacyEvent, Long> events() {
        Events now = events;
        if (now instanceof Counted counted) {
            return counted.counts();
        }
        TreeMap<PrivacyEvent, Long> sum = new TreeMap<>();
        while (now instanceof Added added) {
            sum.merge(added.event(), added.times(), Math::addExact);
            now = added.before().events;
        }
        ((Counted) now).counts().forEach((event, n) -> sum.merge(event, n, Math::addExact));
        SortedMap<PrivacyEvent, Long> counts = Collections.unmodifiableSortedMap(sum);
        events = new Counted(counts);
        return counts;
    }

    /** The sum over releases of a non-negative quantity of each: n times 0 is 0, n times infinity infinity. */
    double sum(ToDoubleFunction<PrivacyEvent> quantity) {
        double sum = 0;
        for (var entry : events().entrySet()) {
            sum += entry.getValue() * quantity.applyAsDouble(entry.getKey());
        }
        return sum;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Composition composition && events().equals(composition.events());
    }

    @Override
    public int hashCode() {
        return events().hashCode();
    }

    @Override
    public String toString() {
        return events().toString();
    }

    private sealed interface Events {}

    private record Counted(SortedMap<PrivacyEvent, Long> counts) implements Events {}

    private record Added(Composition before, PrivacyEvent event, long times) implements Events {}
}
