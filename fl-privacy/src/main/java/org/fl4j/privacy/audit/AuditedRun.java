package org.fl4j.privacy.audit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.client.ClientProvider;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.RunId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit of one run: it puts canaries {@link #around} the clients, and as a listener scores the global weights of every round. Both must be given to the
 * server's builder.
 *
 * <p>A score is the sum over rounds of the inner product of a canary's direction with the displacement of the released weights, each with the sign that the
 * canary sent in that round. It costs one pass over the weights a round, for all canaries.
 *
 * <p>A run may stop and be resumed: with this object in one process, by {@link PrivacyAudit#recordedIn} in another. A run that is resumed from a round of
 * which the scores are gone is not judged.
 *
 * <p>Thread-safe. Privacy: it holds the coins; they are in no message of it.
 */
public final class AuditedRun implements RoundListener {

    private static final Logger LOG = LoggerFactory.getLogger(AuditedRun.class);

    private final AuditSession session;
    private final Optional<Path> file;
    private AuditRecord record;
    private Optional<Directions> directions = Optional.empty();
    private Optional<String> fault = Optional.empty();

    AuditedRun(AuditRecord record, Optional<Path> file) {
        this.session = new AuditSession(record.terms(), record.secrets());
        this.record = record;
        this.file = file;
    }

    /**
     * Returns these clients and the canaries, {@code canary-0} and so on, behind them.
     *
     * @param clients decorated already, if at all; what the rule does to clients it does to canaries
     * @throws IllegalArgumentException if a client has the name of a canary
     */
    public ClientProvider around(ClientProvider clients) {
        return new CanaryPopulation(clients, session);
    }

    @Override
    public synchronized void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
        directions = Optional.of(session.directions(from.weights().layout()));
        Optional<RunId> run = record.run();
        if (run.isPresent() && !run.get().equals(from.run())) {
            fail("it is of run " + run.get() + ", but run " + from.run() + " started; begin() another for that");
            return;
        }
        double[] position = directions.get().folded(from.weights());
        List<Tally> earlier = new ArrayList<>(record.tallies());
        earlier.removeIf(tally -> tally.round() > from.round());
        if (record.tallies().isEmpty()) {
            keep(from.run(), List.of(Tally.at(from.round(), position)));
        } else if (earlier.isEmpty() || from.round() - last(earlier).round() > 1) {
            fail("it has scores up to round "
                    + record.tallies().get(record.tallies().size() - 1).round() + ", but the run goes on from round "
                    + from.round());
        } else {
            if (last(earlier).round() < from.round()) {
                earlier.add(last(earlier).next(position));
            }
            keep(from.run(), earlier);
        }
    }

    @Override
    public synchronized void roundEnded(RoundResult result) {
        if (fault.isPresent() || directions.isEmpty() || result instanceof RoundResult.Refused) {
            return;
        }
        List<Tally> tallies = new ArrayList<>(record.tallies());
        if (result.state().round() != last(tallies).round() + 1) {
            fail("it has scores up to round " + last(tallies).round() + ", but round "
                    + result.state().round() + " ended");
            return;
        }
        tallies.add(last(tallies).next(directions.get().folded(result.state().weights())));
        keep(result.state().run(), tallies);
    }

    /**
     * What the scores say so far. The bounds are of one look, at the end of the run: of several looks the largest is not covered by the confidence.
     *
     * @return evidence, to be held {@linkplain AuditEvidence#against against} the run's statement
     * @throws IllegalStateException if no round was scored, or the run is not the one that was scored from its start or resumption on
     */
    public synchronized AuditEvidence evidence() {
        fault.ifPresent(why -> {
            throw new IllegalStateException("the audit is void: " + why);
        });
        if (record.tallies().isEmpty() || last(record.tallies()).scored() == 0) {
            throw new IllegalStateException(
                    "the audit has scored no round; were around(clients) and the audit as a listener given to the server's builder?");
        }
        AuditTerms terms = record.terms();
        Tally tally = last(record.tallies());
        float[] scores = Directions.scores(tally.sums(), terms.canaries());
        return new AuditEvidence(
                terms.canaries(),
                terms.guesses(),
                right(scores),
                tally.scored(),
                terms.confidence(),
                terms.privacyDelta(),
                ScoreFit.of(scores, record.secrets())
                        .map(fit -> fit.estimate(terms.privacyDelta(), terms.confidence())));
    }

    synchronized AuditRecord record() {
        return record;
    }

    /** The highest scores are guessed in, the lowest out; equal ones go by number, which knows nothing of coins. */
    private int right(float[] scores) {
        int half = record.terms().guesses() / 2;
        List<Integer> order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer canary) -> scores[canary])
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        int right = 0;
        for (int i = 0; i < half; i++) {
            right += record.secrets().isIn(order.get(i)) ? 0 : 1;
            right += record.secrets().isIn(order.get(order.size() - 1 - i)) ? 1 : 0;
        }
        return right;
    }

    private void keep(RunId run, List<Tally> tallies) {
        record = record.with(Optional.of(run), tallies);
        file.ifPresent(record::save);
    }

    private void fail(String why) {
        fault = Optional.of(why);
        LOG.error("the audit is void: {}", why);
    }

    private static Tally last(List<Tally> tallies) {
        return tallies.get(tallies.size() - 1);
    }
}
