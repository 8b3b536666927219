package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A journaled run up to a round, with a client that missed a deadline and does not return. */
@Timeout(60)
class PrivateRunUntilTest {

    private static final List<ClientId> CLIENTS = ClientId.numbered("patient-", 4);
    private static final ClientId STUCK = CLIENTS.get(2);

    @TempDir
    private Path folder;

    private final Semaphore release = new Semaphore(0);
    private final AtomicInteger calls = new AtomicInteger();
    private final List<RoundResult> ends = new ArrayList<>();

    @Test
    void aClientThatStaysBusyHoldsUpNoRoundAndIsNamedNowhere() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("org.fl4j");
        Level before = logger.getLevel();
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        logger.addAppender(log);
        try {
            assertEquals(3, program(3).rounds());
            assertEquals(1, calls.get(), "while it is inside, it is not called");
            PrivacyStatement statement = program(5);

            assertEquals(5, statement.rounds());
            assertTrue(statement.journaled());
            assertEquals(5, ends.size());
            ends.forEach(end -> assertTrue(end instanceof RoundResult.Advanced, end::toString));
            assertEquals(
                    List.of(),
                    log.list.stream()
                            .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN)
                                    || event.getFormattedMessage().contains("patient"))
                            .map(ILoggingEvent::getFormattedMessage)
                            .toList());
        } finally {
            release.release(2);
            logger.detachAppender(log);
            logger.setAdditive(true);
            logger.setLevel(before);
        }
    }

    private PrivacyStatement program(int round) {
        GaussianMechanism rule =
                GaussianMechanism.on(ClippedMean.fixed(1), 2).journal(folder.resolve("privacy.journal"));
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ClientProvider.of(CLIENTS, this::client))
                        .localTraining(LocalTraining.epochs(1))
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(500)))
                        .checkpoints(CheckpointStore.in(folder.resolve("checkpoints")))
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                ends.add(result);
                            }
                        })
                        .runner(runner)
                        .build()) {
            ServerState end = server.runUntil(round, ServerState.initial(Releases.start(2), 1));
            assertEquals(round, end.round());
            return rule.statement(end.ledger(), 1e-5);
        }
    }

    private Client client(ClientId id) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                if (id.equals(STUCK)) {
                    calls.incrementAndGet();
                    release.acquireUninterruptibly();
                }
                ModelDelta delta = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);
                return new ClientUpdate(id, task.round(), task.token(), delta, 3, Map.of(), Map.of(), task.objective());
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        };
    }
}
