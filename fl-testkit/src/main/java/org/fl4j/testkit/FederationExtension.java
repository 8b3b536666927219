package org.fl4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.Folders;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.state.ClientStateStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test what a federation needs, as parameters: a seed ({@code long}), a {@link CheckpointStore} and a {@link ClientStateStore} in a folder of the
 * test's own, an {@link InProcessRunner} of two threads. Stores and runner are closed and the folder is deleted after the test.
 *
 * <pre>{@code
 * @ExtendWith(FederationExtension.class)
 * class MyFederationTest {
 *     @Test
 *     void resumes(long seed, CheckpointStore checkpoints, ClientStateStore clients) { ... }
 * }
 * }</pre>
 *
 * <p>Each run of a test has another seed. One that fails reports its seed; the system property {@value #SEED} repeats it.
 */
public final class FederationExtension implements ParameterResolver, AfterTestExecutionCallback {

    /** The system property that sets the seed: {@value}. */
    public static final String SEED = "fl4j.seed";

    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(FederationExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == long.class
                || type == CheckpointStore.class
                || type == ClientStateStore.class
                || type == InProcessRunner.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        if (type == long.class) {
            return seed(test);
        }
        Fixture fixture = fixture(test);
        if (type == CheckpointStore.class) {
            return CheckpointStore.in(fixture.folder.resolve("server"));
        }
        return type == ClientStateStore.class ? fixture.states() : fixture.runner();
    }

    @Override
    public void afterTestExecution(ExtensionContext test) {
        Long seed = test.getStore(OURS).get("seed", Long.class);
        if (seed != null && test.getExecutionException().isPresent()) {
            test.publishReportEntry(SEED, Long.toString(seed));
            test.getExecutionException().get().addSuppressed(new SeedOfFailure(seed));
        }
    }

    private static long seed(ExtensionContext test) {
        Long given = Long.getLong(SEED);
        return test.getStore(OURS)
                .getOrComputeIfAbsent("seed", key -> given == null ? new Random().nextLong() : given, Long.class);
    }

    private static Fixture fixture(ExtensionContext test) {
        return test.getStore(OURS).getOrComputeIfAbsent("fixture", key -> new Fixture(), Fixture.class);
    }

    /** Shows in the stack trace of what failed. */
    private static final class SeedOfFailure extends Exception {

        private static final long serialVersionUID = 1;

        SeedOfFailure(long seed) {
            super("repeat with -D" + SEED + "=" + seed, null, false, false);
        }
    }

    /** What one test has; JUnit closes it with the test's store. */
    private static final class Fixture implements AutoCloseable {

        private final Path folder;
        private @Nullable ClientStateStore states;
        private @Nullable InProcessRunner runner;

        Fixture() {
            try {
                folder = Files.createTempDirectory("fl4j-test");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        ClientStateStore states() {
            ClientStateStore kept = states == null ? ClientStateStore.inDirectory(folder.resolve("clients")) : states;
            states = kept;
            return kept;
        }

        InProcessRunner runner() {
            InProcessRunner kept = runner == null ? InProcessRunner.of(2) : runner;
            runner = kept;
            return kept;
        }

        @Override
        public void close() throws IOException {
            if (runner != null) {
                runner.close();
            }
            if (states != null) {
                states.close();
            }
            Folders.deleteTree(folder);
        }
    }
}
