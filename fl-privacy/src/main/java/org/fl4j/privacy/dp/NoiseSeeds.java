package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.state.RunId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret seeds of the rounds of one run, each for one release: who knows a round's and those before it knows the sum of the
 * round from what was released. They are in a file, forced to disk before they are used, or on the heap. A round that has a seed
 * never gets another one, and its noise is drawn for one sum only.
 *
 * <p>Thread-safe.
 */
final class NoiseSeeds {

    private static final Logger LOG = LoggerFactory.getLogger(NoiseSeeds.class);

    /** What a run that begins makes of a file with seeds in it. */
    enum Start {
        /** It is another run's. */
        AS_IT_IS,
        /** It is that of a run whose state was lost, and is replaced. */
        OVER
    }

    private final Optional<SeedFile> file;
    private final Start start;
    private final Supplier<byte[]> source;

    private @Nullable String owner;
    private final Map<Integer, SeedFile.Seed> seeds = new TreeMap<>();

    /** The round that may draw its noise; 0 for none. */
    private int admitted;

    private NoiseSeeds(Optional<SeedFile> file, Start start, Supplier<byte[]> source) {
        this.file = file;
        this.start = start;
        this.source = source;
    }

    static NoiseSeeds onHeap() {
        return new NoiseSeeds(Optional.empty(), Start.AS_IT_IS, NoiseSeeds::fresh);
    }

    NoiseSeeds inFile(Path path, Start how) {
        return new NoiseSeeds(Optional.of(new SeedFile(path)), how, source);
    }

    /** For tests: every seed has {@value AesCtrBits#KEY_BYTES} bytes. */
    NoiseSeeds drawnFrom(Supplier<byte[]> other) {
        return new NoiseSeeds(file, start, other);
    }

    private static byte[] fresh() {
        byte[] seed = new byte[AesCtrBits.KEY_BYTES];
        new SecureRandom().nextBytes(seed);
        return seed;
    }

    /**
     * Names the run. A run that begins has no seeds; one that continues has one for each round of its state.
     *
     * @throws GaussianMechanism.JournalException if they are another run's, older than the state, or missing
     */
    synchronized void open(RunId run, Drawn drawn, int round) {
        String id = JournalRecord.hash("", run::writeTo);
        boolean fresh = round == 0 && drawn == Drawn.NOW;
        if (file.isPresent()) {
            openFile(file.get(), id, fresh);
        } else if (!id.equals(owner)) {
            seeds.clear();
        }
        owner = id;
        admitted = 0;
        for (int played = 1; played <= round; played++) {
            if (!seeds.containsKey(played)) {
                throw new GaussianMechanism.JournalException("run " + run + " has " + round
                        + " rounds, but there is no seed of the noise of round " + played + where()
                        + "; without it the noise of later rounds is not that of the plan, so the run cannot go on");
            }
        }
        if (seeds.size() > round) {
            LOG.warn(
                    "run {} is at round {}, but rounds up to {} were played: their results are lost, and they are skipped",
                    run,
                    round,
                    seeds.size());
        }
    }

    private String where() {
        return file.map(its -> " in " + its.path() + "; is it an older copy?")
                .orElse(
                        " on the heap; were they drawn by another process, or another instance? A run that is to be resumed"
                                + " needs journal(...)");
    }

    private void openFile(SeedFile its, String id, boolean fresh) {
        SeedFile.Content content = its.read();
        boolean unused = content.seeds().isEmpty();
        if (fresh && (unused || start == Start.OVER)) {
            its.create(id);
            seeds.clear();
            return;
        }
        if (!content.owner().equals(id)) {
            throw new GaussianMechanism.JournalException("the seeds of noise in " + its.path()
                    + (content.owner().isEmpty() ? " are missing" : " are another run's")
                    + "; are path and volume right? A run without its seeds cannot go on");
        }
        seeds.clear();
        content.seeds().forEach(seed -> seeds.put(seed.round(), seed));
    }

    /** The run that the seeds are of; empty before the first. */
    synchronized String owner() {
        return owner == null ? "" : owner;
    }

    /** Whether no round of the run was played. */
    synchronized boolean isUnused() {
        return seeds.isEmpty();
    }

    synchronized boolean has(int round) {
        return seeds.containsKey(round);
    }

    /**
     * Draws the seed of a round that has none, and lets its noise be drawn once.
     *
     * @param plan a hash of all that the noise depends on, the same in each round
     * @throws IllegalStateException if it differs from that of the rounds before
     */
    synchronized void admit(int round, String plan) {
        String run = owner;
        if (run == null) {
            throw new IllegalStateException("the guard's open(run, drawn, round, ledger) was not called;"
                    + " seeds of noise belong to one run, and FederatedServer says which");
        }
        if (round != seeds.size() + 1) {
            throw new IllegalStateException("round " + round + " cannot draw noise after round " + seeds.size()
                    + " of the rule; do two runs share it?");
        }
        SeedFile.Seed first = seeds.get(1);
        if (first != null && !first.plan().equals(plan)) {
            throw new IllegalStateException("round " + round
                    + ": rule, noise, plan, or what a client's contribution is bounded by differ from round 1; the"
                    + " guarantee of a matrix mechanism is one for all rounds of a run");
        }
        SeedFile.Seed seed = SeedFile.Seed.of(round, plan, source.get());
        file.ifPresent(its -> its.append(seed));
        seeds.put(round, seed);
        admitted = round;
    }

    /**
     * Uses up the admission of a round.
     *
     * @throws IllegalStateException if the round was not admitted, or its noise was drawn already
     */
    synchronized void use(int round) {
        if (admitted != round) {
            throw new IllegalStateException("round " + round + ": its noise was not admitted by the guard, or was drawn"
                    + " already; the same noise on two sums would show their difference");
        }
        admitted = 0;
    }

    /** The key of a round's noise. */
    synchronized byte[] key(int round) {
        SeedFile.Seed seed = seeds.get(round);
        if (seed == null) {
            throw new IllegalStateException("there is no seed of the noise of round " + round);
        }
        return seed.keyBytes();
    }
}
