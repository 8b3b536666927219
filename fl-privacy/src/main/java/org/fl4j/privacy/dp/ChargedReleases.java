package org.fl4j.privacy.dp;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.VectorSkellam;

/** How often each release was charged. Immutable. */
record ChargedReleases(SortedMap<ChargedRelease, Long> counts) {

    static final ChargedReleases NONE = new ChargedReleases(Collections.emptySortedMap());

    ChargedReleases plus(ChargedRelease release, long times) {
        if (times == 0) {
            return this;
        }
        SortedMap<ChargedRelease, Long> more = new TreeMap<>(counts);
        more.merge(release, times, Math::addExact);
        return new ChargedReleases(Collections.unmodifiableSortedMap(more));
    }

    ChargedReleases plus(ChargedReleases others) {
        ChargedReleases sum = this;
        for (var charge : others.counts.entrySet()) {
            sum = sum.plus(charge.getKey(), charge.getValue());
        }
        return sum;
    }

    /** Returns what was charged here and not in the other. */
    ChargedReleases without(ChargedReleases other) {
        ChargedReleases beyond = NONE;
        for (var charge : counts.entrySet()) {
            long more = charge.getValue() - other.counts.getOrDefault(charge.getKey(), 0L);
            beyond = beyond.plus(charge.getKey(), Math.max(0, more));
        }
        return beyond;
    }

    void writeTo(BinaryWriter out) {
        out.writeInt(counts.size());
        counts.forEach((release, times) -> {
            release.writeTo(out);
            out.writeLong(times);
        });
    }

    static ChargedReleases readFrom(BinaryReader in) {
        ChargedReleases charged = NONE;
        for (int left = in.readCount(); left > 0; left--) {
            charged = charged.plus(ChargedRelease.readFrom(in), in.readLong());
        }
        return charged;
    }

    boolean has(ChargedRelease release) {
        return counts.containsKey(release);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    long rounds() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether clients added the noise of each: no other mechanism charges such events. */
    boolean isNoisedByClients() {
        return counts.keySet().stream()
                .map(ChargedRelease::againstMembers)
                .allMatch(event -> event instanceof NearGaussian || event instanceof VectorSkellam);
    }

    /** Rounds whose sampling counts for the budget only because the host trusts cohort members. */
    long trustingRounds() {
        return counts.entrySet().stream()
                .filter(charge -> charge.getKey().trusting())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    Composition againstOutsiders() {
        return composition(ChargedRelease::againstOutsiders);
    }

    Composition againstMembers() {
        return composition(ChargedRelease::againstMembers);
    }

    Composition budgeted() {
        return composition(ChargedRelease::budgeted);
    }

    private Composition composition(Function<ChargedRelease, PrivacyEvent> against) {
        Composition composition = Composition.empty();
        for (var charge : counts.entrySet()) {
            composition = composition.plus(against.apply(charge.getKey()), charge.getValue());
        }
        return composition;
    }
}
