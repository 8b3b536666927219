package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;

/** The threads that run rounds of one server, so that closing it ends their runs on any runner. */
final class ActiveRuns {

    private final List<Thread> threads = new ArrayList<>();
    private boolean closed;

    /** The calling thread begins a run. */
    synchronized void enter() {
        if (closed) {
            throw new IllegalStateException("the server is closed; build another");
        }
        threads.add(Thread.currentThread());
    }

    /** The calling thread ends a run; an interrupt that only meant the run does not outlast it. */
    synchronized void leave() {
        threads.remove(Thread.currentThread());
        if (closed && !threads.contains(Thread.currentThread())) {
            Thread.interrupted();
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Between two rounds, or two attempts at one. */
    void requireOpen() {
        if (isClosed()) {
            throw new IllegalStateException("the server was closed during a run");
        }
    }

    synchronized void close() {
        if (!closed) {
            closed = true;
            threads.forEach(Thread::interrupt);
        }
    }
}
