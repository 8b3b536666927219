package org.fl4j.spark;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;

/**
 * Makes a population of clients whose data are the values of a pair RDD, each under its client's id:
 *
 * <pre>{@code
 * SparkRunner runner = SparkRunner.overKeys(rows.groupByKey(), FedAvg::byExamples,
 *         (ids, data) -> ClientProvider.local(ids, id -> examples(data.apply(id)), ModelPool.of(Models::small)));
 * }</pre>
 *
 * <p>It travels by Java serialisation: let it hold nothing large.
 *
 * @param <D> the type of a client's data
 */
@FunctionalInterface
public interface KeyedClients<D> extends Serializable {

    /**
     * Called once in each executor's JVM, and on the driver.
     *
     * @param ids all clients on the driver; nobody on an executor, which is asked for those of its partitions
     * @param data the value of a client, where its partition is; an {@link IllegalStateException} anywhere else
     * @return the population
     * @throws Exception for any reason; it ends the run
     */
    ClientProvider clients(List<ClientId> ids, Function<ClientId, D> data) throws Exception;
}
