package org.fl4j.privacy.dp;

import java.util.Comparator;
import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.privacy.accounting.PrivacyEvent;

/**
 * A round as it is booked: its noise, its sampling, and who came to know its cohort. Where sampling amplifies against
 * nobody, it is the unsampled release and nothing else.
 */
record BookedRelease(PrivacyEvent event, CohortVisibility cohort) implements Comparable<BookedRelease> {

    private static final Comparator<BookedRelease> ORDER =
            Comparator.comparing(BookedRelease::event).thenComparing(BookedRelease::cohort);

    BookedRelease {
        if (cohort == CohortVisibility.EVERYBODY || event.samplingProbability() == 1) {
            event = PrivacyEvent.unsampled(event.noiseMultiplier());
            cohort = CohortVisibility.SERVER_ONLY;
        }
    }

    /** Sampling amplifies only where nobody can know who was drawn. */
    static BookedRelease of(double noiseMultiplier, SamplingScheme sampling, CohortVisibility cohort) {
        boolean amplifies = sampling instanceof SamplingScheme.Poisson poisson
                && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC;
        double q = amplifies ? ((SamplingScheme.Poisson) sampling).probability() : 1;
        return new BookedRelease(PrivacyEvent.unsampled(noiseMultiplier).poisson(q), cohort);
    }

    static BookedRelease unsampled(double noiseMultiplier) {
        return new BookedRelease(PrivacyEvent.unsampled(noiseMultiplier), CohortVisibility.SERVER_ONLY);
    }

    /** Against whoever takes no part and does not know the cohort. */
    PrivacyEvent againstOutsiders() {
        return event;
    }

    /** Against the members of a cohort: they know who was sampled. */
    PrivacyEvent againstMembers() {
        return cohort == CohortVisibility.SERVER_ONLY ? event : PrivacyEvent.unsampled(event.noiseMultiplier());
    }

    /** Against whoever is not trusted: what a budget counts. */
    PrivacyEvent budgeted() {
        return cohort == CohortVisibility.TRUSTED_MEMBERS ? event : againstMembers();
    }

    @Override
    public int compareTo(BookedRelease other) {
        return ORDER.compare(this, other);
    }
}
