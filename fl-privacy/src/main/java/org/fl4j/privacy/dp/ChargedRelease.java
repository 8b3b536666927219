package org.fl4j.privacy.dp;

import java.util.Comparator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.accounting.PrivacyEvent;

/**
 * A release as it is charged, to each of two kinds of observers.
 *
 * @param againstOutsiders against observers that take no part and do not know the cohort
 * @param againstMembers against the members of a cohort, which know the sample; where clients add the noise, against the server with
 *     as many of them as may collude with it
 * @param trusting whether a budget counts the release as outsiders see it, since the host trusts members
 */
record ChargedRelease(PrivacyEvent againstOutsiders, PrivacyEvent againstMembers, boolean trusting)
        implements Comparable<ChargedRelease> {

    private static final Comparator<ChargedRelease> ORDER = Comparator.comparing(ChargedRelease::againstOutsiders)
            .thenComparing(ChargedRelease::againstMembers)
            .thenComparing(ChargedRelease::trusting);

    /** Where both are the same there is nobody to trust. */
    ChargedRelease {
        EventForm.of(againstOutsiders);
        EventForm.of(againstMembers);
        trusting &= !againstOutsiders.equals(againstMembers);
    }

    /** Of a release over a sample, of which some know the cohort. */
    static ChargedRelease of(PrivacyEvent sampled, RoundContext.CohortVisibility cohort) {
        PrivacyEvent unsampled = sampled.withoutSampling();
        return switch (cohort) {
            case SERVER_ONLY -> new ChargedRelease(sampled, sampled, false);
            case TRUSTED_MEMBERS -> new ChargedRelease(sampled, unsampled, true);
            case MEMBERS -> new ChargedRelease(sampled, unsampled, false);
            case EVERYBODY -> unsampled(unsampled);
        };
    }

    /** Sampling amplifies only against observers that cannot know the sample. */
    static ChargedRelease of(PrivacyEvent release, SamplingScheme sampling, RoundContext.CohortVisibility cohort) {
        boolean amplifies = sampling instanceof SamplingScheme.Poisson poisson
                && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC;
        double q = amplifies ? ((SamplingScheme.Poisson) sampling).probability() : 1;
        return of(release.poisson(q), cohort);
    }

    static ChargedRelease unsampled(double noiseMultiplier) {
        return unsampled(PrivacyEvent.unsampled(noiseMultiplier));
    }

    static ChargedRelease unsampled(PrivacyEvent release) {
        return new ChargedRelease(release.withoutSampling(), release.withoutSampling(), false);
    }

    void writeTo(BinaryWriter out) {
        EventForm.write(againstOutsiders, out);
        EventForm.write(againstMembers, out);
        out.writeFlag(trusting);
    }

    static ChargedRelease readFrom(BinaryReader in) {
        return new ChargedRelease(EventForm.read(in), EventForm.read(in), in.readFlag());
    }

    /** Against all observers that are not trusted: what a budget counts. */
    PrivacyEvent budgeted() {
        return trusting ? againstOutsiders : againstMembers;
    }

    @Override
    public int compareTo(ChargedRelease other) {
        return ORDER.compare(this, other);
    }
}
