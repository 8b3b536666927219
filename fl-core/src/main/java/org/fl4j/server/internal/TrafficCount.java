package org.fl4j.server.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.report.Traffic;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of a round. The threads of the runner note the length of each message; it counts once the client's
 * outcome is delivered, so that what a straggler sends later does not.
 *
 * <p>Stages are made, outcomes added and the sum taken on the thread that runs the rounds.
 */
public final class TrafficCount {

    private final Detail detail;
    private final Map<String, Stage> stages = new LinkedHashMap<>();

    /**
     * A count of nothing yet.
     *
     * @param detail what may be known of the messages
     */
    public TrafficCount(Detail detail) {
        this.detail = detail;
    }

    /** What a report may hold. */
    public enum Detail {
        /** The length of each message. */
        EVERY_MESSAGE,
        /** How many messages there were; their lengths are those that all clients have in common. */
        COUNTS,
        /** Nothing: no message is noted. */
        NOTHING
    }

    /** The stage of a name; made when it is first asked for. */
    public Stage stage(String name) {
        return stages.computeIfAbsent(name, its -> new Stage(detail));
    }

    /** A stage whose messages are noted and not reported. */
    public Stage unreported() {
        return new Stage(detail);
    }

    /** What was counted since this was asked last. */
    public Traffic.Total take() {
        Map<String, Traffic.Bytes> totals = new LinkedHashMap<>();
        stages.forEach((name, stage) -> totals.put(name, stage.take()));
        return new Traffic.Total(totals);
    }

    /** The messages of one stage. */
    public static final class Stage {

        private final Detail detail;
        private final Map<ClientId, Traffic.Bytes> noted = new ConcurrentHashMap<>();
        private Traffic.Bytes total = Traffic.Bytes.NONE;
        private @Nullable Function<ClientId, TrainingTask> uncalled;
        private boolean surplusIsAsked;

        private Stage(Detail detail) {
            this.detail = detail;
        }

        /**
         * What a client is sent that a simulated clock makes late, so that it is not called here at all.
         *
         * @param allAtOnce whether those that were not needed had been asked like all others
         */
        public void uncalled(Function<ClientId, TrainingTask> tasks, boolean allAtOnce) {
            if (detail != Detail.NOTHING) {
                uncalled = tasks;
                surplusIsAsked = allAtOnce;
            }
        }

        /** A client is sent a task. */
        public void sent(ClientId client, TrainingTask task) {
            if (detail != Detail.NOTHING) {
                sent(client, task.encodedLength());
            }
        }

        /** A client is sent so many bytes. */
        public void sent(ClientId client, long bytes) {
            if (detail != Detail.NOTHING) {
                noted.put(client, new Traffic.Bytes(bytes, 0));
            }
        }

        /** A client answered a task, however well. */
        public void answered(ClientId client, TrainingTask task, ClientUpdate update) {
            if (detail != Detail.NOTHING) {
                answered(
                        client, detail == Detail.COUNTS ? ClientUpdate.shortestAnswerTo(task) : update.encodedLength());
            }
        }

        /** A client's answer has so many bytes. */
        public void answered(ClientId client, long bytes) {
            if (detail != Detail.NOTHING) {
                noted.merge(client, new Traffic.Bytes(0, bytes), Traffic.Bytes::plus);
            }
        }

        /** What was noted of a client whose outcome is not there yet; its answer, where one has arrived. */
        public long answerOf(ClientId client) {
            return noted.getOrDefault(client, Traffic.Bytes.NONE).up();
        }

        /**
         * Counts what was noted of a client, by its outcome.
         *
         * @return whether it was asked
         */
        public boolean add(ClientOutcome<?> outcome) {
            Traffic.Bytes its = noted.remove(outcome.client());
            Function<ClientId, TrainingTask> tasks = uncalled;
            if (its == null && tasks != null && isAskedElsewhere(outcome)) {
                its = new Traffic.Bytes(tasks.apply(outcome.client()).encodedLength(), 0);
            }
            if (its == null || outcome instanceof ClientOutcome.Busy || outcome instanceof ClientOutcome.NotStarted) {
                return false;
            }
            total = total.plus(new Traffic.Bytes(its.down(), isAnswer(outcome) ? its.up() : 0));
            return true;
        }

        /** Counts the answer alone, of a task that was counted as it started. */
        public void addAnswer(ClientOutcome<?> outcome) {
            Traffic.Bytes its = noted.remove(outcome.client());
            if (its != null && isAnswer(outcome)) {
                total = total.plus(new Traffic.Bytes(0, its.up()));
            }
        }

        /** Counts a message that is sent now. */
        public void addSent(TrainingTask task) {
            if (detail != Detail.NOTHING) {
                total = total.plus(new Traffic.Bytes(task.encodedLength(), 0));
            }
        }

        private boolean isAskedElsewhere(ClientOutcome<?> outcome) {
            return outcome instanceof ClientOutcome.TimedOut
                    || (surplusIsAsked && outcome instanceof ClientOutcome.Surplus);
        }

        private static boolean isAnswer(ClientOutcome<?> outcome) {
            return outcome instanceof ClientOutcome.Completed || outcome instanceof ClientOutcome.Rejected;
        }

        private Traffic.Bytes take() {
            Traffic.Bytes taken = total;
            total = Traffic.Bytes.NONE;
            return taken;
        }
    }
}
