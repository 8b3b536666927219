package org.fl4j.nd4j;

import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks ND4J for its native code. Once it has started it stays; that it has not, or that none is found, is asked again
 * every time.
 */
final class NativeBackend {

    private static final Logger LOG = LoggerFactory.getLogger(NativeBackend.class);

    private static volatile @Nullable NativeOps started;

    private NativeBackend() {}

    /** Starts ND4J if it has a backend. */
    static @Nullable NativeOps ops() {
        NativeOps ops = started;
        if (ops == null && seesBackend()) {
            if (Nd4j.getBackend() == null) {
                LOG.warn("ND4J has a backend on its class path but started without one: its native threads are not"
                        + " pinned, and the bits of a training may change with the number of cores");
            } else {
                // The holder is filled when the backend starts.
                ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
                started = ops;
            }
        }
        return ops;
    }

    /**
     * Whether ND4J finds a backend, by the class loader that ND4J uses. That is the context loader of the thread that
     * first needed it, which may see nothing, as those of the common pool do not see an application with a loader of its
     * own; then the loader of ND4J's classes takes its place, lest ND4J fails to start for the life of the process.
     */
    private static synchronized boolean seesBackend() {
        ClassLoader own = Nd4j.class.getClassLoader();
        Thread thread = Thread.currentThread();
        ClassLoader context = thread.getContextClassLoader();
        if (!offersBackend(context)) {
            thread.setContextClassLoader(own);
        }
        try {
            if (offersBackend(ND4JClassLoading.getNd4jClassloader())) {
                return true;
            }
        } finally {
            thread.setContextClassLoader(context);
        }
        if (!offersBackend(own)) {
            return false;
        }
        ND4JClassLoading.setNd4jClassloader(own);
        return true;
    }

    private static boolean offersBackend(@Nullable ClassLoader loader) {
        return loader != null && loader.getResource("META-INF/services/" + Nd4jBackend.class.getName()) != null;
    }
}
