package org.fl4j.nd4j;

import java.util.Map;
import java.util.concurrent.Callable;
import org.fl4j.internal.NativeBlas;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.PlainSession;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;

/**
 * Pins ND4J's native code to one thread while a run is active: with two, matrix products and reductions sum in another
 * order, and the trained bits change with the number of cores. Parallelism comes from the clients instead.
 *
 * <p>BLAS has one setting for the process: overlapping runs share it, and the last one to end restores what was set
 * before. OpenMP has one for each thread: a run pins its own, and {@link #pinned} the one a client works on.
 *
 * <p>ND4J's reductions over whole arrays heed neither: they keep the number of threads of the process's start.
 *
 * <p>{@link FederatedServer#run}, {@link ParticipantSession} and {@link PlainSession} pin by themselves. A host that trains
 * or evaluates outside them pins likewise, for the same bits, and for speed where processes share cores:
 *
 * <pre>{@code
 * LocalTrainingReport report = NativeThreads.pinToOne(() -> model.train(data, how, seed));
 * }</pre>
 *
 * <p>Thread-safe; a pin is closed by the thread that made it.
 */
public final class NativeThreads implements AutoCloseable {

    private static int pins;
    private static volatile boolean blasIsPinned;
    private static int blasBefore;

    private final OnThread thread = new OnThread();
    private boolean released;

    private NativeThreads() {}

    /**
     * Pins until closed: BLAS for the process, OpenMP for the calling thread. Without an ND4J backend it does nothing.
     *
     * @return to be closed by the calling thread; pins of one thread nest
     * @throws org.fl4j.FederatedLearningException if the backend's matrix products are wrong, which is checked once a process
     */
    public static NativeThreads pinToOne() {
        synchronized (NativeThreads.class) {
            if (NativeBackend.ops() != null) {
                NativeBlas.requireRight();
            }
            NativeThreads pin = new NativeThreads();
            // Counted only now: a backend that fails to start leaves no pin.
            pins++;
            pinBlas();
            return pin;
        }
    }

    /**
     * Does work on the calling thread, with native code pinned for as long.
     *
     * @param <R> the type of the result
     * @param work may pin again
     * @return what it returned
     * @throws Exception what it threw
     */
    public static <R> R pinToOne(Callable<R> work) throws Exception {
        NativeThreads pin = pinToOne();
        try {
            return work.call();
        } finally {
            pin.close();
        }
    }

    /** Does a client's work within a run, on the calling thread, which is pinned for as long. */
    public static <R> R pinned(Callable<R> work) throws Exception {
        OnThread pin = new OnThread();
        if (!blasIsPinned) {
            pinBlas();
        }
        try {
            return work.call();
        } finally {
            pin.restore();
        }
    }

    public Provenance provenance() {
        NativeOps ops = NativeBackend.ops();
        return new Provenance(
                System.getProperty("java.version") + " " + System.getProperty("java.vendor"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                ops == null ? "none" : Nd4j.getBackend().getClass().getSimpleName(),
                ops == null ? Blas.NONE : Blas.ofThisProcess(),
                ops == null ? 0 : ops.ompGetMaxThreads());
    }

    /** Restores what was set before, BLAS with the last pin of the process. A second call does nothing. */
    @Override
    public void close() {
        synchronized (NativeThreads.class) {
            if (!released && --pins == 0 && blasIsPinned) {
                Nd4j.factory().blas().setMaxThreads(blasBefore);
                blasIsPinned = false;
            }
            released = true;
        }
        thread.restore();
    }

    /** While a run is active: also if ND4J becomes visible in its midst. */
    private static synchronized void pinBlas() {
        if (pins > 0 && !blasIsPinned && NativeBackend.ops() != null) {
            blasBefore = Nd4j.factory().blas().getMaxThreads();
            Nd4j.factory().blas().setMaxThreads(1);
            blasIsPinned = true;
        }
    }

    /** The pin of the thread that made it, which restores it. Pins of one thread nest. */
    private static final class OnThread {

        private final @Nullable NativeOps ops = NativeBackend.ops();
        private final int before = ops == null ? 0 : ops.ompGetMaxThreads();
        private boolean released;

        OnThread() {
            set(1);
        }

        void restore() {
            if (!released) {
                released = true;
                set(before);
            }
        }

        private void set(int threads) {
            if (ops != null) {
                ops.setOmpNumThreads(threads);
            }
        }
    }

    /**
     * What a run runs on: bits can change with any of it.
     *
     * @param java version and vendor of the virtual machine
     * @param platform operating system and architecture
     * @param backend the ND4J backend, or {@code "none"} where none is on the class path
     * @param blas the library behind it that multiplies matrices
     * @param nativeThreads how many threads native code may use while the run is active; 0 without a backend
     */
    public record Provenance(String java, String platform, String backend, Blas blas, int nativeThreads) {}

    /**
     * The BLAS of a process.
     *
     * @param vendor such as {@code OPENBLAS}; {@code "none"} without a backend
     * @param version of the library's jar, or {@code "unknown"}
     * @param core the processor core whose kernels it uses, or {@code "unknown"}
     * @param environment what the environment told it: variables that begin with OPENBLAS_
     * @param productRules the version of the rules by which FL4J's own models and training plans choose and cut products
     */
    public record Blas(String vendor, String version, String core, Map<String, String> environment, int productRules) {

        private static final Blas NONE = new Blas("none", "unknown", "unknown", Map.of(), NativeBlas.PRODUCT_RULES);

        /** Copies the map. */
        public Blas {
            environment = Map.copyOf(environment);
        }

        private static Blas ofThisProcess() {
            return new Blas(
                    Nd4j.factory().blas().getBlasVendor().name(),
                    NativeBlas.version(),
                    NativeBlas.core(),
                    NativeBlas.environment(),
                    NativeBlas.PRODUCT_RULES);
        }
    }
}
