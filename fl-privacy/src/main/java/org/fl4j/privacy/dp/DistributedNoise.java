package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded rule whose clients add the noise themselves, each a share of it, before they mask: nobody ever holds the sum without
 * noise. {@link DistributedGaussian} and {@link Skellam} make one, {@code SecureSum.on} takes it, and nothing else does.
 *
 * <p>A contribution is rotated (random signs from the round's public seed, Walsh-Hadamard transform, in blocks), rounded to integers up or
 * down at random, again until their norm is bounded, and noised modulo 2^k. A client that fails or whose update is rejected sends
 * noise alone. The server centres the sum, which has its noise, rotates back and decodes by the rule.
 *
 * <p><b>Guarantee.</b> The noise multiplier z is that of the noise of m clients: the fewest survivors that the setting of the {@code
 * SecureSum} guarantees, less those that may collude with the server. Every round is charged with z before it begins; more survivors are
 * more noise, and nothing is charged less for it. It assumes that no more clients than stated there tell the server their noise or leave it
 * out. Sampling amplifies against nobody: how much noise there is depends on who takes part. Under zero-out adjacency, as for
 * {@link GaussianMechanism}.
 *
 * <p>Immutable and thread-safe.
 */
public final class DistributedNoise {

    private static final Logger LOG = LoggerFactory.getLogger(DistributedNoise.class);

    private final BoundedAggregator rule;
    private final NoiseLaw law;
    private final PrivacyLedger ledger;
    private final Supplier<AesCtrBits> source;

    /** Shared with the copies: whether an error of the rule's encoder was logged. */
    private final AtomicBoolean logged;

    private final AtomicBoolean stated = new AtomicBoolean();

    /** The last sampler: the clients of a simulated round have the same. */
    private final AtomicReference<Optional<MadeSampler>> last = new AtomicReference<>(Optional.empty());

    private record MadeSampler(double variance, NoiseLaw.Sampler sampler) {}

    private DistributedNoise(
            BoundedAggregator rule,
            NoiseLaw law,
            PrivacyLedger ledger,
            Supplier<AesCtrBits> source,
            AtomicBoolean logged) {
        this.rule = rule;
        this.law = law;
        this.ledger = ledger;
        this.source = source;
        this.logged = logged;
    }

    static DistributedNoise of(BoundedAggregator rule, double noiseMultiplier, NoiseLaw law) {
        Check.positive("noiseMultiplier", noiseMultiplier);
        if (rule.isPrivate()) {
            throw new IllegalArgumentException("the rule must not be private already, but was " + rule);
        }
        return new DistributedNoise(
                rule, law, PrivacyLedger.of(noiseMultiplier), AesCtrBits::fresh, new AtomicBoolean());
    }

    /** Returns a copy with a budget, as {@link GaussianMechanism#within}; it is held against the server. */
    public DistributedNoise within(PrivacyTarget budget) {
        return with(ledger.within(budget));
    }

    /** Returns a copy with the run's journal, as {@link GaussianMechanism#journal}. */
    public DistributedNoise journal(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.OF_THIS_RUN));
    }

    /** Returns a copy with a new journal, as {@link GaussianMechanism#newJournal}. */
    public DistributedNoise newJournal(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.NEW));
    }

    /** Returns a copy with the journal of a lost run, as {@link GaussianMechanism#journalOfLostRun}. */
    public DistributedNoise journalOfLostRun(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.OF_A_LOST_RUN));
    }

    private DistributedNoise with(PrivacyLedger other) {
        return new DistributedNoise(rule, law, other, source, logged);
    }

    /** For tests: noise from elsewhere. */
    DistributedNoise drawingFrom(Supplier<AesCtrBits> other) {
        return new DistributedNoise(rule, law, ledger, other, logged);
    }

    /**
     * The rule whose contributions are summed.
     *
     * @return always the same
     */
    public BoundedAggregator rule() {
        return rule;
    }

    /**
     * Returns the privacy guarantee of a run, as {@link GaussianMechanism#statement}. Of a run in some of whose rounds the server
     * added the noise the model is {@link PrivacyStatement.PrivacyModel#CENTRAL}: it had their sums, so nothing is claimed against it.
     *
     * @param spent {@code ServerState.ledger()} of its last state
     * @param privacyDelta in (0, 1); less than one over the number of clients
     * @throws IllegalArgumentException if delta is out of range
     * @throws GaussianMechanism.JournalException if the journal is missing or does not hold what was spent
     */
    public PrivacyStatement statement(ComponentState spent, double privacyDelta) {
        return ledger.statement(PrivacyStatement.PrivacyModel.DISTRIBUTED, spent, privacyDelta, toString());
    }

    /**
     * Charges each round before it begins.
     *
     * @param setting how many clients' noise a round has
     * @return for the driver of a secure sum
     */
    public PrivacyBudgetGuard guard(Setting setting) {
        return new PrivacyBudgetGuard() {
            @Override
            public void open(RunId run, Drawn drawn, int round, ComponentState spent) {
                ledger.open(run, drawn, round, spent);
            }

            /** A cohort of known size is planned first: what it would fail at is not charged. */
            @Override
            public Permit admit(RoundContext context, ComponentState spent) {
                int clients = knownSize(context);
                if (clients > 0) {
                    stateOnce(begin(context, clients, setting.honest(clients)), clients);
                }
                return ledger.admit(context, spent, release(context, setting, clients));
            }
        };
    }

    private void stateOnce(NoisedRound round, int clients) {
        if (stated.compareAndSet(false, true)) {
            LOG.info(
                    "{}: cohorts of {} send integers modulo 2^{}; a coordinate of the sum leaves them in a round with a probability of at most"
                            + " {}, which costs accuracy and not privacy",
                    this,
                    clients,
                    round.bits(),
                    round.wrapProbability());
        }
    }

    /** Colluding members know their own noise, outsiders nobody's; of a cohort of unknown size both are charged alike. */
    private ChargedRelease release(RoundContext context, Setting setting, int clients) {
        NoiseLattice lattice = lattice(context);
        double more = clients == 0 ? 1 : (double) setting.survivors(clients) / setting.honest(clients);
        return new ChargedRelease(law.event(lattice, more), law.event(lattice, 1), false);
    }

    private static int knownSize(RoundContext context) {
        if (context.sampling() instanceof SamplingScheme.FixedSize fixed) {
            return Math.toIntExact(Math.min(fixed.size(), context.population()));
        }
        return context.sampling() instanceof SamplingScheme.EveryClient ? Math.toIntExact(context.population()) : 0;
    }

    private NoiseLattice lattice(RoundContext context) {
        BoundedRound round = rule.begin(context);
        return NoiseLattice.of(round.segments(), round.sensitivity(), ledger.noiseMultiplier());
    }

    /**
     * Begins a round, at the server or at a client.
     *
     * @param context of the server, or the public part of it
     * @param clients n, how many are in the cohort
     * @param honest m, how many of them are certain to add noise that the server does not know; from 1 to n
     * @return its segments, encoder and decoder
     * @throws IllegalArgumentException if there is no honest client, no ring in which sums rarely wrap, or the cohort is not of
     *     the size that the context's sampling says
     */
    public NoisedRound begin(RoundContext context, int clients, int honest) {
        int known = knownSize(context);
        if (known > 0 && clients != known) {
            throw new IllegalArgumentException("round " + context.round() + ": by " + context.sampling() + " of "
                    + context.population() + " clients a round is charged for a cohort of " + known
                    + ", but was given one of "
                    + clients);
        }
        if (honest < 1 || honest > clients) {
            throw new IllegalArgumentException("round " + context.round() + ": of a cohort of " + clients
                    + " at least 1 client must be certain to survive and not to collude with the server, but was "
                    + honest
                    + "; use larger cohorts or lower rates in SecureSum's .tolerating(...)");
        }
        BoundedRound round = rule.begin(context);
        NoiseLattice lattice = NoiseLattice.of(round.segments(), round.sensitivity(), ledger.noiseMultiplier());
        CohortLattice cohort = CohortLattice.of(lattice, law, clients, honest);
        return new DistributedRound(
                round,
                BoundedEncoder.holding(rule, round, logged),
                cohort,
                () -> sampler(cohort.variance()),
                context.encodingSeed(),
                source,
                law.toString());
    }

    private NoiseLaw.Sampler sampler(double variance) {
        return last.updateAndGet(made -> made.filter(its -> its.variance() == variance)
                        .or(() -> Optional.of(new MadeSampler(variance, law.sampler(variance)))))
                .orElseThrow()
                .sampler();
    }

    @Override
    public String toString() {
        return law + "(z=" + ledger.noiseMultiplier() + ") on " + rule;
    }

    /** How many of a cohort's clients add noise, by the setting of a secure sum. */
    public interface Setting {

        /**
         * The fewest clients that a sum is over.
         *
         * @param clients the size of the cohort
         * @return from 1 to that
         */
        int survivors(int clients);

        /**
         * The fewest of them whose noise the server does not know.
         *
         * @param clients the size of the cohort
         * @return at most {@link #survivors}
         */
        int honest(int clients);
    }
}
