package org.fl4j.examples;

import java.util.Locale;
import java.util.function.Function;
import org.fl4j.privacy.accounting.NoiseCalibration;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.DistributedGaussian;
import org.fl4j.privacy.dp.DistributedNoise;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.MatrixMechanism;
import org.fl4j.privacy.dp.MatrixPlan;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;

/**
 * Who adds the noise of private digits, and how much of it a budget takes.
 *
 * @see PrivateDigits
 */
enum DigitNoise {

    /** The server, over Poisson samples that stay secret: sampling amplifies. */
    SERVER,

    /** The clients, inside a masked sum: nothing amplifies, and the server never has a sum without noise. */
    CLIENTS,

    /** The server, correlated over the rounds, to groups of clients in turn: no cohort is secret. */
    CORRELATED,

    /** The server, to sums of as many clients as under {@link #CLIENTS}, with as much noise as theirs has: only who adds it differs. */
    LIKE_CLIENTS;

    private static final DropoutTolerance TOLERANCE = DropoutTolerance.DEFAULT;

    /**
     * Numbers of a run.
     *
     * @param epsilon infinite for no noise
     * @param cohort how many clients take part in a round, on average or exactly
     * @param probability of each client in each round
     */
    record Plan(double epsilon, double privacyDelta, int rounds, double clip, int cohort, double probability) {

        /** The noise multiplier that the budget takes at a probability that amplifies. */
        double noiseMultiplier(double sampling) {
            return Double.isInfinite(epsilon)
                    ? 0
                    : NoiseCalibration.reaching(budget())
                            .sampling(sampling)
                            .rounds(rounds)
                            .noiseMultiplier();
        }

        /** That of a whole run which is one release. */
        double oneRelease() {
            return NoiseCalibration.reaching(budget()).rounds(1).noiseMultiplier();
        }

        private PrivacyTarget budget() {
            return PrivacyTarget.pure(epsilon).withPrivacyDelta(privacyDelta);
        }

        private GaussianMechanism central(double noiseMultiplier) {
            GaussianMechanism noisy = GaussianMechanism.on(ClippedMean.fixed(clip), noiseMultiplier);
            return Double.isInfinite(epsilon) ? noisy : noisy.within(budget());
        }

        private ClientSelector cohorts() {
            return ClientSelector.uniform(cohort);
        }

        /** The deviation of all clients' noise, if none drops out, over that of those that count on a sparse graph. */
        private double more() {
            double least = cohort - Math.floor(TOLERANCE.dropoutRate() * cohort);
            return Math.sqrt(cohort / (least - Math.floor(TOLERANCE.adversarialRate() * cohort)));
        }
    }

    /** A server without clients and training, its noise multiplier, and what states its guarantee by a ledger. */
    record Mechanism(
            ServerBuilder server, double noiseMultiplier, Function<ComponentState, PrivacyStatement> statement) {}

    /** Whether there is none without noise. */
    boolean needsBudget() {
        return this == CLIENTS || this == CORRELATED;
    }

    /** The mechanism that keeps within the plan's budget. */
    Mechanism of(Plan plan) {
        return switch (this) {
            case SERVER -> {
                double z = plan.noiseMultiplier(plan.probability());
                GaussianMechanism rule = plan.central(z);
                yield new Mechanism(
                        FederatedServer.with(rule).selector(ClientSelector.poisson(plan.probability())),
                        z,
                        ledger -> rule.statement(ledger, plan.privacyDelta()));
            }
            case CLIENTS -> {
                double z = plan.noiseMultiplier(1);
                DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(plan.clip()), z)
                        .within(plan.budget());
                yield new Mechanism(
                        FederatedServer.with(SecureSum.on(noise).onSparseGraph().tolerating(TOLERANCE))
                                .selector(plan.cohorts()),
                        z,
                        ledger -> noise.statement(ledger, plan.privacyDelta()));
            }
            case CORRELATED -> {
                double z = plan.oneRelease();
                int separation = (int) Math.round(1 / plan.probability());
                MatrixMechanism rule = MatrixMechanism.on(
                                ClippedMean.fixed(plan.clip()),
                                z,
                                MatrixPlan.over(plan.rounds()).separatedBy(separation))
                        .within(plan.budget());
                yield new Mechanism(
                        FederatedServer.with(rule).selector(ClientSelector.separated(separation)),
                        z,
                        ledger -> rule.statement(ledger, plan.privacyDelta()));
            }
            case LIKE_CLIENTS -> {
                double z = plan.noiseMultiplier(1) * plan.more();
                GaussianMechanism rule = plan.central(z);
                yield new Mechanism(
                        FederatedServer.with(rule).selector(plan.cohorts()),
                        z,
                        ledger -> rule.statement(ledger, plan.privacyDelta()));
            }
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
