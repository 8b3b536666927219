package org.fl4j.server;

import java.util.List;
import org.fl4j.client.ClientOutcome;

/** Outcomes in words, for reasons and logs: who, and what became of it. Not for the clients of a private rule. */
final class OutcomeText {

    private static final int NAMED = 3;

    private OutcomeText() {}

    /** The first few of many texts. */
    static String firstOf(List<String> texts) {
        return String.join("; ", texts.subList(0, Math.min(NAMED, texts.size())))
                + (texts.size() > NAMED ? "; ..." : "");
    }

    static String describe(ClientOutcome<?> outcome) {
        String client = "client '" + outcome.client() + "'";
        if (outcome instanceof ClientOutcome.Failed<?> failed) {
            return client + " failed: " + failed.reason();
        }
        if (outcome instanceof ClientOutcome.Rejected<?> rejected) {
            return rejected.reason().startsWith(client) ? rejected.reason() : client + ": " + rejected.reason();
        }
        if (outcome instanceof ClientOutcome.TimedOut<?> timedOut) {
            return client + " missed the deadline of " + timedOut.after();
        }
        if (outcome instanceof ClientOutcome.NotStarted<?> notStarted) {
            return client + " was not started before the deadline of " + notStarted.after();
        }
        if (outcome instanceof ClientOutcome.Busy<?> busy) {
            return client + " is still at work on round " + busy.round() + " and was not called";
        }
        return client + (outcome instanceof ClientOutcome.Surplus ? " was not needed" : " completed");
    }
}
