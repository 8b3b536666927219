package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;

/**
 * The terms of a shared sum that all servers and clients each derive from their own configuration and the cohort's size, and
 * compare.
 *
 * @param sum the configuration
 * @param summed the round of the rule
 * @param plan steps and widths
 * @param clients the cohort's size
 * @param context the round
 */
record SharedTerms(SharedSum sum, LinearRound summed, VectorPlan plan, int clients, RoundContext context) {

    static SharedTerms of(SharedSum sum, RoundContext context, int clients) {
        sum.requireAllowed(clients);
        LinearRound summed = sum.inner().begin(context);
        List<Segment> segments = summed.segments();
        SummedRule.requireCharged(segments, sum.isPrivate());
        VectorPlan plan = VectorPlan.of(segments, sum.numbers().scales(), clients);
        return new SharedTerms(sum, summed, plan, clients, context);
    }

    /**
     * The terms that one end's own configuration has for an announced round.
     *
     * @param who the end, for errors
     * @throws SecureSum.ProtocolViolationException if it has none, or others
     * @throws org.fl4j.CorruptDataException if the announced context cannot be read
     */
    static SharedTerms own(String who, SharedSum sum, Announcement announcement) {
        RoundContext.PublicPart context =
                RoundContext.PublicPart.fromBytes(announcement.context().shared());
        SharedTerms terms;
        try {
            terms = of(sum, RoundContext.ofParticipant(who, sum.inner(), context), announcement.clients());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new SecureSum.ProtocolViolationException(who + ", round " + context.round()
                    + ": the leading server announces a round of " + announcement.clients()
                    + " clients, which this end's own configuration does not allow: " + e.getMessage());
        }
        if (!Arrays.equals(terms.fingerprint(), announcement.terms().shared())) {
            throw new SecureSum.ProtocolViolationException(who + ", round " + context.round()
                    + ": the leading server's terms are not those of this end's own"
                    + " configuration for " + announcement.clients() + " clients, at least " + sum.smallestCohort()
                    + ", among " + (1 + sum.others().size()) + " servers; were all configured alike?");
        }
        return terms;
    }

    int round() {
        return context.round();
    }

    boolean isPrivate() {
        return sum.isPrivate();
    }

    List<Segment> segments() {
        return summed.segments();
    }

    byte[] fingerprint() {
        Sha256 hash = Sha256.of("shared terms")
                .with(round())
                .with(sum.smallestCohort())
                .with(clients);
        sum.others().forEach(server -> hash.with(server.identity().getEncoded()));
        return hash.with(plan.fingerprint()).digest();
    }
}
