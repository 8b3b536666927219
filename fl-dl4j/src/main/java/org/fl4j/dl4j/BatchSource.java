package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A client's data as DL4J has them, for a {@link Dl4jBatchModel}: mini-batches that an iterator reads as they are needed, with masks, with several inputs
 * and outputs.
 *
 * <pre>{@code
 * BatchSource visits = BatchSource.ofDataSets(1_200, (batchSize, seed) -> new VisitIterator(file, batchSize, seed));
 * }</pre>
 *
 * <p>An iterator is opened anew for each pass. It must return the same mini-batches in the same order for the same batch size and seed; it shuffles by the
 * seed, or not at all. One that is {@link AutoCloseable} is closed. What it returns is not changed and not closed.
 *
 * <p>Thread-safe if the function is.
 */
public final class BatchSource {

    private final long examples;
    private final Passes passes;

    private BatchSource(long examples, Passes passes) {
        this.examples = Check.atLeast("examples", examples, 0);
        this.passes = passes;
    }

    /**
     * Opens an iterator for one pass.
     *
     * @param <I> the kind of iterator
     */
    @FunctionalInterface
    public interface Opening<I> {

        /**
         * Opens an iterator.
         *
         * @param batchSize how many examples a mini-batch has; the last may have fewer
         * @param seed of the pass
         */
        I open(int batchSize, long seed);
    }

    private interface Passes {
        Opened open(int batchSize, long seed);
    }

    /**
     * One pass.
     *
     * @param owner is closed after it, if it can be
     */
    record Opened(Iterator<MultiDataSet> batches, Object owner) {}

    /**
     * A source with several inputs or outputs.
     *
     * @param examples how many there are in a pass, which is checked
     * @param iterators opens one
     */
    public static BatchSource of(long examples, Opening<? extends MultiDataSetIterator> iterators) {
        return new BatchSource(examples, (batchSize, seed) -> {
            MultiDataSetIterator iterator = iterators.open(batchSize, seed);
            return new Opened(iterator, iterator);
        });
    }

    /**
     * A source with one input and one output.
     *
     * @param examples how many there are in a pass, which is checked
     * @param iterators opens one
     */
    public static BatchSource ofDataSets(long examples, Opening<? extends DataSetIterator> iterators) {
        return new BatchSource(examples, (batchSize, seed) -> {
            DataSetIterator iterator = iterators.open(batchSize, seed);
            return new Opened(new AsMulti(iterator), iterator);
        });
    }

    /**
     * A source of examples that are in memory, shuffled by the seed.
     *
     * @param all features and labels {@code [examples, ...]} and their masks
     */
    public static BatchSource of(MultiDataSet all) {
        int n = Math.toIntExact(all.getFeatures(0).size(0));
        return new BatchSource(n, (batchSize, seed) -> {
            Shuffled batches = new Shuffled(all, n, batchSize, seed);
            return new Opened(batches, batches);
        });
    }

    /** A source of examples that are in memory, shuffled by the seed; see {@link #of(MultiDataSet)}. */
    public static BatchSource of(DataSet all) {
        return of(multi(all));
    }

    /** How many examples there are. */
    public long examples() {
        return examples;
    }

    Opened open(int batchSize, long seed) {
        return passes.open(batchSize, seed);
    }

    private static MultiDataSet multi(DataSet data) {
        return new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {data.getFeatures()},
                new INDArray[] {data.getLabels()},
                maskOf(data.getFeaturesMaskArray()),
                maskOf(data.getLabelsMaskArray()));
    }

    private static INDArray @Nullable [] maskOf(@Nullable INDArray mask) {
        return mask == null ? null : new INDArray[] {mask};
    }

    /** One input and one output as a case of several. */
    private record AsMulti(DataSetIterator iterator) implements Iterator<MultiDataSet> {

        @Override
        public boolean hasNext() {
            return iterator.hasNext();
        }

        @Override
        public MultiDataSet next() {
            return multi(iterator.next());
        }
    }

    /** Mini-batches gathered from what is in memory. Each is freed when the next is asked for. */
    private static final class Shuffled implements Iterator<MultiDataSet>, AutoCloseable {

        private final List<INDArray> gathered = new ArrayList<>();
        private final MultiDataSet all;
        private final int[] order;
        private final int batchSize;
        private int next;

        Shuffled(MultiDataSet all, int n, int batchSize, long seed) {
            this.all = all;
            this.batchSize = batchSize;
            this.order = IntStream.range(0, n).toArray();
            DeterministicRandom random = new DeterministicRandom(seed);
            for (int i = n - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
        }

        @Override
        public boolean hasNext() {
            return next < order.length;
        }

        @Override
        public MultiDataSet next() {
            close();
            int[] chosen = Arrays.copyOfRange(order, next, Math.min(next + batchSize, order.length));
            next += chosen.length;
            return new org.nd4j.linalg.dataset.MultiDataSet(
                    gathered(all.getFeatures(), chosen),
                    gathered(all.getLabels(), chosen),
                    gathered(all.getFeaturesMaskArrays(), chosen),
                    gathered(all.getLabelsMaskArrays(), chosen));
        }

        @Override
        public void close() {
            gathered.forEach(INDArray::close);
            gathered.clear();
        }

        private INDArray @Nullable [] gathered(INDArray @Nullable [] arrays, int[] chosen) {
            return arrays == null
                    ? null
                    : Arrays.stream(arrays)
                            .map(array -> array == null ? null : gathered(array, chosen))
                            .toArray(INDArray[]::new);
        }

        private INDArray gathered(INDArray array, int[] chosen) {
            List<INDArray> rows = new ArrayList<>();
            for (int example : chosen) {
                rows.add(array.get(NDArrayIndex.interval(example, example + 1)));
            }
            INDArray batch = Nd4j.concat(0, rows.toArray(INDArray[]::new));
            gathered.add(batch);
            return batch;
        }
    }
}
