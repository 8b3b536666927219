package org.fl4j.server;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.Texts;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listeners and the log how one run goes. Of a private rule's clients it knows nothing: no report names them. */
final class RoundAnnouncer {

    private static final Logger LOG = LoggerFactory.getLogger(FederatedServer.class);

    private final List<RoundListener> listeners;
    /** By identity: a listener's own equals and hashCode are not asked. */
    private final Set<RoundListener> broken = Collections.newSetFromMap(new IdentityHashMap<>());

    private final IntToLongFunction busySinceBefore;
    private long mostBusy;

    RoundAnnouncer(List<RoundListener> listeners, IntToLongFunction busySinceBefore) {
        this.listeners = listeners;
        this.busySinceBefore = busySinceBefore;
    }

    void runStarted(Disclosure disclosure, NativeThreads.Provenance provenance, ServerState from, int rounds) {
        LOG.info(
                "{} rounds from round {} of run {}, seed {}, on {}",
                rounds,
                from.round(),
                from.run(),
                from.seed(),
                provenance);
        tell(listener -> listener.runDiscloses(disclosure));
        tell(listener -> listener.runStarted(provenance, from, rounds));
    }

    void runEnded() {
        tell(RoundListener::runEnded);
    }

    void roundStarted(int round) {
        tell(listener -> listener.roundStarted(round));
    }

    /** An attempt that is to be repeated; listeners are told of the round's end alone. */
    void attemptAbandoned(RoundResult.Abandoned abandoned, RoundPolicy.Retries retries) {
        int attempts = abandoned.report().attempts();
        LOG.warn(
                "attempt {} of {} abandoned: {}; the next one begins in {}",
                attempts,
                retries.most() + 1,
                abandoned.reason(),
                retries.waitBefore(attempts));
        logLosses(abandoned.report());
    }

    void roundEnded(RoundResult result) {
        if (result instanceof RoundResult.Advanced advanced) {
            LOG.debug(
                    "round {} advanced in {}",
                    advanced.state().round(),
                    advanced.report().duration());
            logLosses(advanced.report());
            logBusy(advanced.report().round());
        } else if (result instanceof RoundResult.Abandoned abandoned) {
            LOG.warn("round abandoned: {}", abandoned.reason());
            logLosses(abandoned.report());
            logBusy(abandoned.report().round());
        } else if (result instanceof RoundResult.Refused refused) {
            LOG.warn("round {} refused: {}", refused.state().round() + 1, refused.reason());
        }
        tell(listener -> listener.roundEnded(result));
    }

    /** Whenever there are more of them than ever. */
    private void logBusy(int round) {
        long busy = busySinceBefore.applyAsLong(round);
        if (busy > mostBusy) {
            mostBusy = busy;
            LOG.warn(
                    "round {}: clients that are still at work on earlier rounds: {}; until it returns, each that blocks holds a"
                            + " thread, and a model if it borrowed one",
                    round,
                    busy);
        }
    }

    void runEnds(String reason) {
        LOG.info("the run ends: {}", reason);
    }

    /** Whether a listener wants no further round; every listener is asked. */
    boolean isEndAsked(RoundResult result) {
        boolean[] asked = {false};
        tell(listener -> {
            if (listener.endsRunAfter(result)) {
                LOG.info(
                        "{} ends the run after round {}",
                        listener,
                        result.state().round());
                asked[0] = true;
            }
        });
        return asked[0];
    }

    private void logLosses(RoundResult.Report report) {
        if (!LOG.isWarnEnabled()) {
            return;
        }
        List<String> lost = lost(report.outcomes());
        if (!lost.isEmpty()) {
            LOG.warn(
                    "round {}: {} of {} clients did not complete: {}",
                    report.round(),
                    lost.size(),
                    report.outcomes().size(),
                    Texts.firstOf(lost));
        }
    }

    /** What a private rule's reports leave out, for an operator who asked for it. */
    static void reveal(int round, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        lost(outcomes).forEach(loss -> LOG.warn("round {}, revealed to the operator: {}", round, loss));
    }

    private static List<String> lost(List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        return outcomes.stream()
                // That some are not waited for is what over-selection and asynchronous rounds are for.
                .filter(outcome -> !(outcome instanceof ClientOutcome.Completed)
                        && !(outcome instanceof ClientOutcome.Surplus)
                        && !(outcome instanceof ClientOutcome.Stale))
                .map(ClientOutcome::describe)
                .toList();
    }

    private void tell(Consumer<RoundListener> message) {
        for (RoundListener listener : listeners) {
            try {
                message.accept(listener);
            } catch (RuntimeException e) {
                if (e instanceof RunInterruptedException
                        && Thread.currentThread().isInterrupted()) {
                    continue; // The run ends before its next round is begun.
                }
                if (broken.add(listener)) {
                    LOG.warn("listener {} threw; the run continues, and this is logged once", listener, e);
                }
            }
        }
    }
}
