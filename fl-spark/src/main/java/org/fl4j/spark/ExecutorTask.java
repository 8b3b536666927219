package org.fl4j.spark;

import java.io.Serializable;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * What Spark calls on an executor, for one partition of one task. What it throws is tried again
 * elsewhere: it throws if it is interrupted, or if the data of its clients cannot be read.
 */
abstract class ExecutorTask extends AbstractFunction1<Iterator<Object>, byte[]> implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String runner;
    private final Broadcast<byte[]> code;
    private final Broadcast<byte[]> shared;

    /**
     * @param runner by which executors tell runners apart
     * @param code its {@link ExecutorCode}
     * @param shared what the tasks of a round have in common
     */
    ExecutorTask(String runner, Broadcast<byte[]> code, Broadcast<byte[]> shared) {
        this.runner = runner;
        this.code = code;
        this.shared = shared;
    }

    @Override
    public final byte[] apply(Iterator<Object> one) {
        Object task = one.next();
        // Whatever has to be fetched is fetched before anything is caught: where that fails, Spark has other places.
        fetch(code);
        fetch(shared);
        if (task instanceof KeyedTask keyed) {
            byte[] bytes = Payload.read(keyed.task());
            Map<ClientId, Object> data = keyed.data();
            return answer(shop -> shop.with(data, () -> perform(shop, bytes))).toBytes();
        }
        byte[] bytes = Payload.read(task);
        return answer(shop -> perform(shop, bytes)).toBytes();
    }

    private static void fetch(Broadcast<byte[]> broadcast) {
        byte[] unused = broadcast.value();
    }

    final Broadcast<byte[]> shared() {
        return shared;
    }

    private Answer answer(Workshop.Work work) {
        try {
            return Workshop.answer(runner, code, work);
        } catch (RunInterruptedException | VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return Workshop.answer(Answer.Kind.BROKEN, t.toString());
        }
    }

    abstract Answer perform(Workshop shop, byte[] task) throws Exception;
}
