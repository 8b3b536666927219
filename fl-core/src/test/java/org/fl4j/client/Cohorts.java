package org.fl4j.client;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.fl4j.ClientId;

/** Cohorts and work for the tests of runners. */
final class Cohorts {

    private Cohorts() {}

    static List<ClientId> ids(int count) {
        return ClientId.numbered("client-", count);
    }

    static ClientOutcome<ClientId> echo(ClientId id) {
        return new ClientOutcome.Completed<>(id, id);
    }

    static void awaitAsNativeCodeWould(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException e) {
                // Deaf to interrupts: nobody can stop it.
            }
        }
    }
}
