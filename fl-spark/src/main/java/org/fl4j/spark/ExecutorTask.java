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

    /**
     * @param runner by which executors tell runners apart
     * @param code its {@link ExecutorCode}
     */
    ExecutorTask(String runner, Broadcast<byte[]> code) {
        this.runner = runner;
        this.code = code;
    }

    @Override
    public final byte[] apply(Iterator<Object> one) {
        Object task = one.next();
        if (task instanceof KeyedTask keyed) {
            Map<ClientId, Object> data = keyed.data();
            return answer(shop -> shop.with(data, () -> perform(shop, Payload.read(keyed.task()))))
                    .toBytes();
        }
        return answer(shop -> perform(shop, Payload.read(task))).toBytes();
    }

    private interface InWorkshop {
        Answer work(Workshop shop) throws Exception;
    }

    private Answer answer(InWorkshop task) {
        try {
            return task.work(Workshop.of(runner, code));
        } catch (RunInterruptedException | VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return Workshop.answer(Answer.Kind.BROKEN, t.toString());
        }
    }

    abstract Answer perform(Workshop shop, byte[] task) throws Exception;
}
