package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.VectorSkellam;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is charged for noise of the clients, before anything is known of a cohort, and what is said of it. */
class DistributedFiguresTest {

    private static final DistributedNoise.Setting TWO_THIRDS = new DistributedNoise.Setting() {
        @Override
        public int survivors(int clients) {
            return clients - clients / 3;
        }

        @Override
        public int honest(int clients) {
            return clients - clients / 3 - clients / 20;
        }
    };

    /** A round is charged by the coarsest lattice that a cohort may have: whatever finer one it has, the bound there is no larger. */
    @ParameterizedTest
    @CsvSource({"1, 0.02", "1, 0.7", "2, 1", "3, 5", "40, 0.3", "5000, 1"})
    void noCohortIsChargedLessThanItsOwnLattice(int length, double z) {
        NoiseLattice charged = lattice(length, z);
        for (double finer = 1; finer < 1e4; finer *= 1.0007) {
            NoiseLattice own = charged.raisedTo(finer * charged.deviation());
            for (NoiseLaw law : List.of(Skellam.law(), DistributedGaussian.law())) {
                for (int order : new int[] {2, 7, 60}) {
                    assertTrue(
                            actual(law, own).rdp(order) <= law.event(charged, 1).rdp(order) * (1 + 1e-12),
                            law + ", order " + order + ", " + finer + " times as fine");
                }
            }
        }
    }

    /** Outsiders do not know the noise of those who may collude: more variance, and the same contributions. */
    @Test
    void outsidersSeeSoManyTimesTheVariance() {
        NoiseLattice lattice = lattice(5000, 1);
        VectorSkellam server = (VectorSkellam) Skellam.law().event(lattice, 1);
        VectorSkellam outsiders = (VectorSkellam) Skellam.law().event(lattice, 1.25);
        assertEquals(1.25 * server.variance(), outsiders.variance(), 1e-9 * server.variance());
        assertEquals(server.l1(), outsiders.l1());
        assertEquals(server.l2(), outsiders.l2());
        NearGaussian gaussian = (NearGaussian) DistributedGaussian.law().event(lattice, 1.25);
        assertEquals(Math.sqrt(1.25), gaussian.noiseMultiplier(), 1e-12);
    }

    /** By the very integers of a lattice. */
    private static PrivacyEvent actual(NoiseLaw law, NoiseLattice lattice) {
        double squares = (double) lattice.segments().get(0).squares();
        double l2 = Math.sqrt(squares);
        return law == DistributedGaussian.law()
                ? PrivacyEvent.unsampled(lattice.deviation() / l2)
                : new VectorSkellam(
                        lattice.deviation() * lattice.deviation(),
                        Math.min(squares, Math.sqrt((double) lattice.length()) * l2),
                        l2);
    }

    /** A table of Skellam probabilities has an end: before the round is charged, not at each of its clients. */
    @Test
    void skellamNoiseBeyondItsTableIsRefusedBeforeItIsCharged() {
        DistributedNoise noise = Skellam.on(ClippedMean.fixed(1), 500);
        RoundContext context = Releases.context(4096, 4);
        PrivacyBudgetGuard guard = noise.guard(TWO_THIRDS);
        String refused = assertThrows(IllegalArgumentException.class, () -> guard.admit(context, ComponentState.EMPTY))
                .getMessage();
        assertTrue(refused.contains("variance of a client's Skellam noise"), refused);
    }

    /** Who is charged by the size of a cohort that the context names is not to be given another one. */
    @ParameterizedTest
    @ValueSource(ints = {19, 21})
    void aCohortHasTheSizeThatWasCharged(int clients) {
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 1);
        for (RoundContext context :
                List.of(Releases.context(100, 20), Releases.context(100, 50, new SamplingScheme.FixedSize(20)))) {
            noise.begin(context, 20, 12);
            assertThrows(IllegalArgumentException.class, () -> noise.begin(context, clients, 12));
        }
    }

    private static NoiseLattice lattice(int length, double z) {
        List<Segment> segments = List.of(new Segment("delta", length, 1, OptionalDouble.of(0x1p-20)));
        return NoiseLattice.of(segments, new BoundedRound.Sensitivity(Map.of("delta", 1.0)), z);
    }
}
