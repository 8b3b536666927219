package org.fl4j.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.fl4j.models.internal.Chunks;
import org.fl4j.models.internal.Head;
import org.fl4j.models.internal.LstmLayer;
import org.fl4j.models.internal.Parameter;
import org.fl4j.models.internal.SequenceLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Recurrent and embedding layers. */
final class SequencePlanning {

    private SequencePlanning() {}

    /** The flow of sequences of features [width, T], or of indices [1, T], which are in order already. */
    static Flow input(List<Long> shape, PlanBuilder plan) {
        int width = Math.toIntExact(shape.get(0));
        int steps = Math.toIntExact(shape.get(1));
        if (width > 1 && steps > 1) {
            plan.add(new SequenceLayer.Transposition(steps, width));
        }
        return new Flow.Sequence(steps, width);
    }

    static boolean isOf(InputPreProcessor processor) {
        return processor.getClass() == FeedForwardToRnnPreProcessor.class
                || processor.getClass() == RnnToFeedForwardPreProcessor.class;
    }

    /** Between sequences and rows that are their steps: in memory they are the same. */
    static Flow through(InputPreProcessor processor, Flow in) throws NotCoveredException {
        if (processor instanceof FeedForwardToRnnPreProcessor p && in instanceof Flow.Steps rows) {
            requireChannelsFirst(p.getRnnDataFormat());
            return new Flow.Sequence(rows.steps(), rows.width());
        }
        if (processor instanceof RnnToFeedForwardPreProcessor p && in instanceof Flow.Sequence sequence) {
            requireChannelsFirst(p.getRnnDataFormat());
            return new Flow.Steps(sequence.steps(), sequence.width());
        }
        throw new NotCoveredException("the preprocessor " + processor.getClass().getSimpleName() + " on " + in);
    }

    private static void requireChannelsFirst(@Nullable RNNFormat format) throws NotCoveredException {
        if (format != RNNFormat.NCW) {
            throw new NotCoveredException("sequences in the format " + format);
        }
    }

    static Flow lstm(Layer layer, LSTM conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        requireChannelsFirst(conf.getRnnDataFormat());
        Flow.Sequence sequence = sequence(in, conf);
        int outputs = Math.toIntExact(conf.getNOut());
        List<String> keys = List.of(
                LSTMParamInitializer.INPUT_WEIGHT_KEY,
                LSTMParamInitializer.RECURRENT_WEIGHT_KEY,
                LSTMParamInitializer.BIAS_KEY);
        requireColumns(layer.getParam(keys.get(0)));
        requireColumns(layer.getParam(keys.get(1)));
        List<Parameter> parameters = List.of(
                plan.parameter(layer, keys.get(0), null, true),
                plan.parameter(layer, keys.get(1), null, true),
                plan.parameter(layer, keys.get(2), null, true));
        plan.add(
                new LstmLayer(
                        plan.capacity(),
                        sequence.steps(),
                        sequence.width(),
                        outputs,
                        Activations.of(conf.getActivationFn()),
                        Activations.of(conf.getGateActivationFn()),
                        parameters,
                        Chunks.ofThisProcess()),
                layer,
                keys);
        return new Flow.Sequence(sequence.steps(), outputs);
    }

    private static Flow.Sequence sequence(Flow in, FeedForwardLayer conf) throws NotCoveredException {
        if (in instanceof Flow.Sequence sequence && sequence.width() == conf.getNIn()) {
            return sequence;
        }
        throw new NotCoveredException(
                "a layer " + conf.getClass().getSimpleName() + " of " + conf.getNIn() + " inputs on " + in);
    }

    private static void requireColumns(INDArray weights) throws NotCoveredException {
        if (weights.ordering() != 'f' && !weights.isVectorOrScalar()) {
            throw new NotCoveredException("weights in the order '" + weights.ordering() + "'");
        }
    }

    /** What a last-time-step wrapper does behind its layer, without masks. */
    static Flow lastStep(Flow in, PlanBuilder plan) throws NotCoveredException {
        if (!(in instanceof Flow.Sequence sequence)) {
            throw new NotCoveredException("the last time step of " + in);
        }
        plan.add(new SequenceLayer.LastStep(sequence.steps(), sequence.width()));
        return new Flow.Flat(sequence.width());
    }

    static Flow embedding(Layer layer, EmbeddingLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        if (in.length() != 1) {
            throw new NotCoveredException("an embedding layer on " + in);
        }
        return new Flow.Flat(embedded(layer, conf, conf.isHasBias(), 1, plan));
    }

    /** An index a step. */
    static Flow embedding(Layer layer, EmbeddingSequenceLayer conf, Flow in, PlanBuilder plan)
            throws NotCoveredException {
        requireChannelsFirst(conf.getOutputFormat());
        int steps = in.length();
        if (!(in instanceof Flow.Flat || (in instanceof Flow.Sequence sequence && sequence.width() == 1))) {
            throw new NotCoveredException("an embedding of sequences on " + in);
        }
        return new Flow.Sequence(steps, embedded(layer, conf, conf.isHasBias(), steps, plan));
    }

    private static int embedded(Layer layer, FeedForwardLayer conf, boolean hasBias, int steps, PlanBuilder plan)
            throws NotCoveredException {
        if (plan.stages().stream().anyMatch(stage -> !stage.layer().parameters().isEmpty())) {
            throw new NotCoveredException("an embedding that is not the first layer");
        }
        if (conf.getIDropout() != null) {
            throw new NotCoveredException("dropout of indices");
        }
        int vocabulary = Math.toIntExact(conf.getNIn());
        int outputs = Math.toIntExact(conf.getNOut());
        String table = DefaultParamInitializer.WEIGHT_KEY;
        String bias = DefaultParamInitializer.BIAS_KEY;
        boolean byRows = layer.getParam(table).ordering() == 'c' || vocabulary == 1 || outputs == 1;
        Parameter w = plan.parameter(layer, table, byRows ? null : transposed(vocabulary, outputs), true);
        @Nullable Parameter b = hasBias ? plan.parameter(layer, bias, null, true) : null;
        plan.add(
                new org.fl4j.models.internal.EmbeddingLayer(
                        Math.multiplyExact(plan.capacity(), steps),
                        steps,
                        vocabulary,
                        outputs,
                        Activations.of(conf.getActivationFn()),
                        w,
                        b),
                layer,
                hasBias ? List.of(table, bias) : List.of(table));
        return outputs;
    }

    /** Where in memory of columns the values of [rows, columns] lie, row by row. */
    private static int[] transposed(int rows, int columns) {
        int[] order = new int[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < order.length; i++) {
            order[i] = i % columns * rows + i / columns;
        }
        return order;
    }

    static Flow sums(Layer layer, RnnOutputLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        requireChannelsFirst(conf.getRnnDataFormat());
        sequence(in, conf);
        return DensePlanning.sums(layer, conf, in, plan);
    }

    static Head head(RnnOutputLayer conf) throws NotCoveredException {
        return DensePlanning.head(conf, Math.toIntExact(conf.getNOut()));
    }
}
