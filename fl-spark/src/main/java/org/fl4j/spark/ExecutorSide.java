package org.fl4j.spark;

import java.io.Serializable;

/**
 * Makes on an executor what cannot travel there, such as a population with its pool of models. It travels itself, by Java
 * serialisation: let it be a method reference, or a lambda that holds no more than a path or a number.
 *
 * <pre>{@code
 * SparkRunner runner = SparkRunner.over(spark, FedAvg::byExamples, () -> Hospitals.under("hdfs:///hospitals"));
 * }</pre>
 *
 * @param <T> what is made
 */
@FunctionalInterface
public interface ExecutorSide<T> extends Serializable {

    /**
     * Called once in each executor's JVM, and on the driver.
     *
     * @return the same thing everywhere
     * @throws Exception for any reason; it ends the run
     */
    T make() throws Exception;
}
