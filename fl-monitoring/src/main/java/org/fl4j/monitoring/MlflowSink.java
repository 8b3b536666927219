package org.fl4j.monitoring;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.fl4j.internal.Check;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run in MLflow, over its REST interface: parameters when it starts, each figure as a metric with the round as its step, the
 * end. A resumed run goes on with its MLflow run, which is found by the tag {@code fl4j.run}; what MLflow has of rounds that are
 * played again stays beside the new values, as it keeps a history.
 *
 * <p>All requests are made by a thread of the sink's, in batches. The run never waits for them: up to {@value #CAPACITY} messages
 * wait while MLflow is slow or away, requests that fail are tried again, and what does not fit is dropped, logged and counted by
 * {@link #dropped}. {@link #close} sends what is left within {@linkplain #withCloseLimit ten seconds} and drops the rest. A run that
 * throws ends as FINISHED, too; why is in the server's log.
 *
 * <p>Privacy: MLflow sees when requests come, and so how long some rounds took together. Under a rule that discloses
 * releases alone, metrics have the time of the run's start, and the run has no time of its end. The token is in no message and
 * no log.
 */
public final class MlflowSink implements RunSink {

    /** How many starts, rounds and ends may wait: {@value}. */
    public static final int CAPACITY = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(MlflowSink.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    private final Settings settings;
    private final InstantSource clock = InstantSource.system();
    private RunStart run = RunStart.NONE;
    private Optional<OutboundQueue<MlflowSession.Message>> queue = Optional.empty();

    private record Settings(
            URI server,
            String experiment,
            Optional<String> token,
            Duration closeLimit,
            int capacity,
            Duration firstWait) {}

    private MlflowSink(Settings settings) {
        this.settings = settings;
    }

    /**
     * A sink that sends to a server. Nothing is sent before a run starts.
     *
     * @param server such as {@code https://mlflow.example.org}, with a path if MLflow is below one
     * @param experiment the id of an experiment, which must exist; {@code "0"} is the default one
     * @return the sink
     * @throws IllegalArgumentException if the server is not an absolute HTTP or HTTPS address, or holds a user or a query
     */
    public static MlflowSink at(URI server, String experiment) {
        boolean isHttp = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        if (!isHttp || server.getHost() == null || server.getRawUserInfo() != null || server.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "server must be http://HOST or https://HOST, with a port and a path if need be;"
                            + " a token is given by withToken(...)");
        }
        return new MlflowSink(new Settings(server, experiment, Optional.empty(), CLOSE_LIMIT, CAPACITY, FIRST_WAIT));
    }

    /**
     * Returns a copy that authenticates itself.
     *
     * @param token a bearer token; kept in memory, and sent to this server alone. Over plain HTTP everybody on the way reads it
     * @return a copy, to be used in place of this one
     */
    public MlflowSink withToken(String token) {
        if (token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("token must be printable ASCII without spaces, but is not");
        }
        return new MlflowSink(new Settings(
                settings.server,
                settings.experiment,
                Optional.of(token),
                settings.closeLimit,
                settings.capacity,
                settings.firstWait));
    }

    /**
     * Returns a copy whose {@link #close} waits so long for MLflow at most, in place of ten seconds.
     *
     * @param limit at least a millisecond
     * @return a copy, to be used in place of this one
     */
    public MlflowSink withCloseLimit(Duration limit) {
        Check.atLeast("limit in milliseconds", limit.toMillis(), 1);
        return new MlflowSink(new Settings(
                settings.server, settings.experiment, settings.token, limit, settings.capacity, settings.firstWait));
    }

    MlflowSink withQueue(int capacity, Duration firstWait) {
        return new MlflowSink(new Settings(
                settings.server, settings.experiment, settings.token, settings.closeLimit, capacity, firstWait));
    }

    /**
     * How many starts, rounds and ends MLflow did not get.
     *
     * @return 0 if it has all that was to be sent so far
     */
    public long dropped() {
        return queue.map(OutboundQueue::dropped).orElse(0L);
    }

    @Override
    public void runStarted(RunStart start) {
        run = start;
        if (queue.isEmpty()) {
            queue = Optional.of(started());
        }
        offer(new MlflowSession.Message.Start(start));
    }

    @Override
    public void roundEnded(RoundRecord round) {
        offer(new MlflowSession.Message.Round(round));
    }

    @Override
    public void runEnded() {
        offer(new MlflowSession.Message.End(run, clock.millis()));
    }

    @Override
    public void close() {
        queue.ifPresent(its -> its.close(settings.closeLimit));
    }

    @Override
    public String toString() {
        return "MlflowSink[" + settings.server + "]";
    }

    private void offer(MlflowSession.Message message) {
        queue.ifPresent(its -> its.offer(message));
    }

    private OutboundQueue<MlflowSession.Message> started() {
        if (settings.token.isPresent() && "http".equals(settings.server.getScheme())) {
            LOG.warn("the token for {} is sent over plain HTTP", settings.server);
        }
        MlflowRequests requests = new MlflowRequests(settings.server, settings.token);
        OutboundQueue<MlflowSession.Message> its = new OutboundQueue<>(
                "mlflow", settings.capacity, settings.firstWait, new MlflowSession(requests, settings.experiment));
        its.start();
        return its;
    }
}
