package org.fl4j.testkit;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.Check;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;

/**
 * INSECURE: a {@link SecureAggregator} that hides nothing. Every client's contribution crosses to the server in the
 * clear. It is for the tests of whoever drives the stages of a secure protocol, and for nothing else.
 *
 * <p>Around any {@link LinearAggregator}, with the three {@link Stage stages} and the threshold of a real protocol: a
 * client that is missing or refused before it sent its input is left out of the sum, one that is missing afterwards is
 * still in it, and without {@code threshold} clients in every stage there is no sum. The sum is taken over the tree of
 * {@link LinearAggregation}, so that with the same clients included the aggregate has the bits of the wrapped rule.
 *
 * <p>All that a client needs is in the messages; the rule itself is immutable and thread-safe. A
 * {@link #disturbedBy disturbance} makes chosen clients fail, or their answers malformed, in a chosen stage.
 */
public final class InsecureForTests implements SecureAggregator, Aggregator.Masked.Forwarding {

    /** The stages, in order. */
    public enum Stage {
        /** Every client of the cohort says that it is there. */
        ADVERTISE,
        /** Those who are train, encode and send their contribution: in a real protocol masked, here in the clear. */
        MASKED_INPUT,
        /** Those who did confirm whose inputs are to be in the sum: in a real protocol with the shares that unmask it. */
        UNMASK
    }

    /** What goes wrong on the way from a client to the server. */
    @FunctionalInterface
    public interface Disturbance {

        /**
         * Takes a client's answer on its way.
         *
         * @param client whose
         * @param stage of which stage
         * @param answer its bytes
         * @return the bytes that arrive
         * @throws Exception if none do: the client fails in this stage
         */
        byte[] onTheWay(ClientId client, Stage stage, byte[] answer) throws Exception;
    }

    private final LinearAggregator rule;
    private final int threshold;
    private final Disturbance disturbance;

    private InsecureForTests(LinearAggregator rule, int threshold, Disturbance disturbance) {
        this.rule = rule;
        this.threshold = threshold;
        this.disturbance = disturbance;
    }

    /**
     * A rule under which the server pretends to see only a sum.
     *
     * @param rule what is summed
     * @param threshold how many clients every stage needs, at least 1
     * @return the rule, undisturbed
     * @throws IllegalArgumentException if the threshold is below 1
     */
    public static InsecureForTests on(LinearAggregator rule, int threshold) {
        Check.atLeast("threshold", threshold, 1);
        return new InsecureForTests(rule, threshold, (client, stage, answer) -> answer);
    }

    /**
     * This rule with something that goes wrong.
     *
     * @param mishap called on the clients' threads
     * @return a copy
     */
    public InsecureForTests disturbedBy(Disturbance mishap) {
        return new InsecureForTests(rule, threshold, mishap);
    }

    @Override
    public LinearAggregator inner() {
        return rule;
    }

    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        return new InsecureRound(rule, threshold, context, cohort);
    }

    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        return new InsecureParticipant(rule, self, disturbance);
    }

    @Override
    public String toString() {
        return "InsecureForTests[" + rule + ", threshold=" + threshold + "]";
    }
}
