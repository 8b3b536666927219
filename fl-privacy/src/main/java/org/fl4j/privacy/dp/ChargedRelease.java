package org.fl4j.privacy.dp;

import java.util.Arrays;
import java.util.Comparator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.accounting.PrivacyEvent;

/**
 * A release as it is charged: its noise, its sampling, and who learned its cohort. Where sampling amplifies against no
 * observer, it is charged as an unsampled release.
 */
record ChargedRelease(PrivacyEvent event, RoundContext.CohortVisibility cohort) implements Comparable<ChargedRelease> {

    private static final Comparator<ChargedRelease> ORDER =
            Comparator.comparing(ChargedRelease::event).thenComparing(ChargedRelease::cohort);

    ChargedRelease {
        EventForm.of(event);
        if (cohort == RoundContext.CohortVisibility.EVERYBODY || event.equals(event.withoutSampling())) {
            event = event.withoutSampling();
            cohort = RoundContext.CohortVisibility.SERVER_ONLY;
        }
    }

    /** Sampling amplifies only against observers that cannot know the sample. */
    static ChargedRelease of(PrivacyEvent release, SamplingScheme sampling, RoundContext.CohortVisibility cohort) {
        boolean amplifies = sampling instanceof SamplingScheme.Poisson poisson
                && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC;
        double q = amplifies ? ((SamplingScheme.Poisson) sampling).probability() : 1;
        return new ChargedRelease(release.poisson(q), cohort);
    }

    static ChargedRelease unsampled(double noiseMultiplier) {
        return unsampled(PrivacyEvent.unsampled(noiseMultiplier));
    }

    static ChargedRelease unsampled(PrivacyEvent release) {
        return new ChargedRelease(release.withoutSampling(), RoundContext.CohortVisibility.SERVER_ONLY);
    }

    void writeTo(BinaryWriter out) {
        EventForm.write(event, out);
        out.writeInt(code(cohort));
    }

    static ChargedRelease readFrom(BinaryReader in) {
        PrivacyEvent event = EventForm.read(in);
        int code = in.readInt();
        return Arrays.stream(RoundContext.CohortVisibility.values())
                .filter(cohort -> code(cohort) == code)
                .map(cohort -> new ChargedRelease(event, cohort))
                .findFirst()
                .orElseThrow(() -> in.corrupt("no cohort visibility has the code " + code));
    }

    private static int code(RoundContext.CohortVisibility cohort) {
        return switch (cohort) {
            case SERVER_ONLY -> 0;
            case TRUSTED_MEMBERS -> 1;
            case MEMBERS -> 2;
            case EVERYBODY -> 3;
        };
    }

    /** Against observers that take no part and do not know the cohort. */
    PrivacyEvent againstOutsiders() {
        return event;
    }

    /** Against the members of a cohort, which know the sample. */
    PrivacyEvent againstMembers() {
        return cohort == RoundContext.CohortVisibility.SERVER_ONLY ? event : event.withoutSampling();
    }

    /** Against all observers that are not trusted: what a budget counts. */
    PrivacyEvent budgeted() {
        return cohort == RoundContext.CohortVisibility.TRUSTED_MEMBERS ? event : againstMembers();
    }

    @Override
    public int compareTo(ChargedRelease other) {
        return ORDER.compare(this, other);
    }
}
