package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.client.InProcessRunner;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * An application with a class loader of its own, as web containers and plugins have: everything is in a loader that the
 * JVM's does not see, and the run starts on the common pool, whose context loader is the JVM's. Native libraries
 * belong to one loader, so each case is a process.
 */
@Timeout(120)
class ForeignLoaderTest {

    @ParameterizedTest
    @ValueSource(strings = {"untouched", "started", "searched by a thread that sees nothing"})
    void aRunOnAThreadThatDoesNotSeeNd4jHasOneNativeThread(String nd4j, @TempDir Path folder) throws Exception {
        String launcher = Launcher.class.getName().replace('.', '/') + ".class";
        Path alone = folder.resolve(launcher);
        Files.createDirectories(alone.getParent());
        Files.copy(
                Path.of(Launcher.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .resolve(launcher),
                alone);
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder.toString(),
                Launcher.class.getName(),
                System.getProperty("java.class.path"),
                Application.class.getName(),
                nd4j,
                folder.resolve("result").toString());
        java.environment().put("OMP_NUM_THREADS", "2");

        int exit = java.inheritIO().start().waitFor();

        assertEquals(0, exit);
        assertEquals(
                List.of("CpuBackend", "1", "[1]"),
                Files.readAllLines(folder.resolve("result"), StandardCharsets.UTF_8));
    }

    /** All that the JVM's own class path holds. */
    static final class Launcher {

        private Launcher() {}

        public static void main(String... args) throws Exception {
            URL[] classPath = Arrays.stream(args[0].split(File.pathSeparator))
                    .map(Launcher::url)
                    .toArray(URL[]::new);
            // Not closed: the process ends with it.
            @SuppressWarnings("resource")
            ClassLoader application = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
            Method run = application
                    .loadClass(args[1])
                    .getDeclaredMethod("run", ClassLoader.class, String.class, Path.class);
            run.setAccessible(true);
            run.invoke(null, application, args[2], Path.of(args[3]));
        }

        private static URL url(String entry) {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(entry, e);
            }
        }
    }

    /** Lives in the application's loader. */
    static final class Application {

        private Application() {}

        static void run(ClassLoader own, String nd4j, Path result) throws IOException {
            if (nd4j.startsWith("searched")) {
                ND4JClassLoading.getNd4jClassloader();
            } else if (nd4j.equals("started")) {
                Thread.currentThread().setContextClassLoader(own);
                Nd4j.getBackend();
            }
            List<String> lines = CompletableFuture.supplyAsync(Application::run, Application::start)
                    .join();
            Files.write(result, lines, StandardCharsets.UTF_8);
        }

        /** As the common pool's threads are, where there are several processors. */
        private static void start(Runnable work) {
            Thread thread = new Thread(work);
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
            thread.start();
        }

        private static List<String> run() {
            Set<Integer> seen = ConcurrentHashMap.newKeySet();
            ScriptedPopulation population = ScriptedPopulation.of(2, (self, task) -> {
                seen.add(NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
                seen.add(Nd4j.factory().blas().getMaxThreads());
                return Toy.moves(1, 0, 0).train(self, task);
            });
            NativeThreads.Provenance[] provenance = new NativeThreads.Provenance[1];
            try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                    .clients(population)
                    .localTraining(Toy.TRAINING)
                    .runner(InProcessRunner.of(2))
                    .listeners(new RoundListener() {
                        @Override
                        public void runStarted(NativeThreads.Provenance of, ServerState from, int rounds) {
                            provenance[0] = of;
                        }
                    })
                    .build()) {
                server.run(Toy.start(), 2);
            }
            return List.of(provenance[0].backend(), Integer.toString(provenance[0].nativeThreads()), seen.toString());
        }
    }
}
