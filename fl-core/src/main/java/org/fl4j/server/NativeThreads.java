package org.fl4j.server;

import java.util.ServiceLoader;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Pins ND4J's native code to one thread while a run is active: with two, matrix products and reductions sum in another
 * order, and the trained bits change with the number of cores. Parallelism comes from the clients instead. Overlapping
 * runs share the pin; the last one to end restores what was set before.
 */
final class NativeThreads implements AutoCloseable {

    private static final boolean PRESENT =
            ServiceLoader.load(Nd4jBackend.class).iterator().hasNext();

    private static int pins;
    private static int ompBefore;
    private static int blasBefore;

    private boolean released;

    private NativeThreads() {}

    static NativeThreads pinToOne() {
        synchronized (NativeThreads.class) {
            if (PRESENT && pins++ == 0) {
                ompBefore = ops().ompGetMaxThreads();
                blasBefore = Nd4j.factory().blas().getMaxThreads();
                set(1, 1);
            }
        }
        return new NativeThreads();
    }

    Provenance provenance() {
        return new Provenance(
                System.getProperty("java.version") + " " + System.getProperty("java.vendor"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                PRESENT ? Nd4j.getBackend().getClass().getSimpleName() : "none",
                PRESENT ? Nd4j.factory().blas().getBlasVendor().name() : "none",
                PRESENT ? ops().ompGetMaxThreads() : 0);
    }

    @Override
    public void close() {
        synchronized (NativeThreads.class) {
            if (PRESENT && !released && --pins == 0) {
                set(ompBefore, blasBefore);
            }
            released = true;
        }
    }

    private static void set(int omp, int blas) {
        ops().setOmpNumThreads(omp);
        Nd4j.factory().blas().setMaxThreads(blas);
    }

    private static NativeOps ops() {
        // The holder is filled when the backend starts.
        Nd4j.getBackend();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
