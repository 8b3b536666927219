package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.model.ModelPool;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;

/** Outcomes are values, and so are the limits that make them. */
class ClientOutcomeTest {

    private static final ClientId ANN = new ClientId("ann");

    @Test
    void onlyACompletedResultIsMapped() {
        Exception cause = new Exception("no battery");
        Duration after = Duration.ofSeconds(3);

        assertEquals(new ClientOutcome.Completed<>(ANN, 4), mapped(new ClientOutcome.Completed<>(ANN, "four")));
        assertEquals(new ClientOutcome.Failed<Integer>(ANN, cause), mapped(new ClientOutcome.Failed<>(ANN, cause)));
        assertEquals(new ClientOutcome.TimedOut<Integer>(ANN, after), mapped(new ClientOutcome.TimedOut<>(ANN, after)));
        assertEquals(new ClientOutcome.Rejected<Integer>(ANN, "why"), mapped(new ClientOutcome.Rejected<>(ANN, "why")));
        assertEquals(
                new ClientOutcome.NotStarted<Integer>(ANN, after), mapped(new ClientOutcome.NotStarted<>(ANN, after)));
        assertEquals(new ClientOutcome.Busy<Integer>(ANN, 3), mapped(new ClientOutcome.Busy<>(ANN, 3)));
        assertEquals(new ClientOutcome.Surplus<Integer>(ANN), mapped(new ClientOutcome.Surplus<>(ANN)));
    }

    @Test
    void aCauseWhoseToStringThrowsIsDescribedByItsClass() {
        Exception speechless = new Exception() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException("no words");
            }
        };

        assertEquals(
                "Failed[client=ann, cause=" + speechless.getClass().getName()
                        + ", whose toString() threw java.lang.IllegalStateException]",
                new ClientOutcome.Failed<>(ANN, speechless).toString());
        assertEquals(
                "java.lang.Exception: no battery",
                new ClientOutcome.Failed<>(ANN, new Exception("no battery")).reason());
    }

    @Test
    void rejectsNonPositiveLimits() {
        assertEquals(
                "deadline must be positive, but was PT0S",
                assertThrows(IllegalArgumentException.class, () -> new ClientRunner.Limits(Duration.ZERO, 1))
                        .getMessage());
        assertEquals(
                "deadline must be positive, but was PT-1S",
                assertThrows(IllegalArgumentException.class, () -> new ClientRunner.Limits(Duration.ofSeconds(-1), 1))
                        .getMessage());
        assertEquals(
                "enough must be at least 1, but was 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ClientRunner.Limits(ClientRunner.Limits.NO_DEADLINE, 0))
                        .getMessage());
    }

    @Test
    void aPopulationIsAListAndAFunction() {
        List<ClientId> ids = ClientId.numbered("client-", 3);
        ModelPool<QuadraticModel> pool = ModelPool.of(() -> new QuadraticModel(1));
        ClientProvider population = ClientProvider.of(ids, id -> LocalClient.of(id, new double[][] {{1}}, pool));

        assertSame(ids, population.ids());
        assertEquals(ids.get(2), population.client(ids.get(2)).id());
    }

    private static ClientOutcome<Integer> mapped(ClientOutcome<String> outcome) {
        return outcome.map(String::length);
    }
}
