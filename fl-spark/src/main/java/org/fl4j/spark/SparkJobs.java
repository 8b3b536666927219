package org.fl4j.spark;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.FutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;
import scala.util.Try;

/** Jobs of the host's context: submitted, never waited for on the thread that submits. Thread-safe. */
final class SparkJobs {

    private static final String DESCRIPTION = "spark.job.description";
    private static final String INTERRUPT = "spark.job.interruptOnCancel";

    private final JavaSparkContext spark;

    SparkJobs(JavaSparkContext spark) {
        this.spark = spark;
    }

    JavaSparkContext context() {
        return spark;
    }

    /** What is told of a job, on Spark's threads: it should do no more than hand over. */
    interface Listener {

        /** The answer of a partition. */
        void answered(int partition, byte[] answer);

        /** After the last answer; with why, if not every partition has answered. */
        void ended(Optional<Throwable> why);
    }

    /** A job that is under way. */
    interface Job {

        /** Interrupts its tasks and has it end; answers that are on their way may still come. */
        void cancel();
    }

    /** Submits a task for each partition. */
    Job submit(RDD<Object> tasks, ExecutorTask work, String description, Listener listener) {
        FutureAction<BoxedUnit> action = described(
                description,
                () -> spark.sc()
                        .submitJob(
                                tasks,
                                work,
                                indices(tasks.getNumPartitions()),
                                new Answered(listener::answered),
                                new Nothing()));
        action.onComplete(new Ended(listener::ended), ExecutionContext.parasitic$.MODULE$);
        return action::cancel;
    }

    /** For the job that is submitted within, and no longer: the host's own jobs are described by the host. */
    private <T> T described(String description, Supplier<T> submit) {
        String before = spark.getLocalProperty(DESCRIPTION);
        String interrupt = spark.getLocalProperty(INTERRUPT);
        spark.setLocalProperty(DESCRIPTION, description);
        spark.setLocalProperty(INTERRUPT, "true");
        try {
            return submit.get();
        } finally {
            set(DESCRIPTION, before);
            set(INTERRUPT, interrupt);
        }
    }

    private void set(String key, @Nullable String value) {
        spark.setLocalProperty(key, value);
    }

    private static Seq<Object> indices(int n) {
        return CollectionConverters.asScala(
                        IntStream.range(0, n).<Object>mapToObj(i -> i).toList())
                .toSeq();
    }

    private static final class Answered extends AbstractFunction2<Object, byte[], BoxedUnit> {

        private final BiConsumer<Integer, byte[]> to;

        Answered(BiConsumer<Integer, byte[]> to) {
            this.to = to;
        }

        @Override
        public BoxedUnit apply(Object partition, byte[] answer) {
            to.accept((Integer) partition, answer);
            return BoxedUnit.UNIT;
        }
    }

    private static final class Nothing extends AbstractFunction0<BoxedUnit> {
        @Override
        public BoxedUnit apply() {
            return BoxedUnit.UNIT;
        }
    }

    private static final class Ended extends AbstractFunction1<Try<BoxedUnit>, BoxedUnit> {

        private final Consumer<Optional<Throwable>> to;

        Ended(Consumer<Optional<Throwable>> to) {
            this.to = to;
        }

        @Override
        public BoxedUnit apply(Try<BoxedUnit> result) {
            to.accept(
                    result.isSuccess()
                            ? Optional.empty()
                            : Optional.of(result.failed().get()));
            return BoxedUnit.UNIT;
        }
    }
}
