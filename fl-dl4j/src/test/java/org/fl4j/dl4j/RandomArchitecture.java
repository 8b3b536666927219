package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A small network of a seed, with data: the layers of DL4J's and, beside each, the reference's. One seed gives one
 * architecture, whatever its data type and whether it steps by plain SGD or by the seed's own updater, terms and
 * normalisations.
 */
final class RandomArchitecture {

    static final Activation[] ACTIVATIONS = {
        Activation.IDENTITY,
        Activation.RELU,
        Activation.TANH,
        Activation.SIGMOID,
        Activation.LEAKYRELU,
        Activation.RELU6,
        Activation.ELU,
        Activation.SELU,
        Activation.SOFTPLUS,
        Activation.SOFTSIGN,
        Activation.HARDSIGMOID,
        Activation.HARDTANH,
        Activation.SWISH,
        Activation.GELU,
        Activation.CUBE,
        Activation.RATIONALTANH,
        Activation.RECTIFIEDTANH
    };

    private final SplittableRandom random;
    private final DataType type;
    private final List<Layer> layers = new ArrayList<>();
    private final List<ReferenceLayer> references = new ArrayList<>();
    private final boolean graph;
    private final boolean exact;
    private final int batch;
    private int width;
    private int steps = 1;
    private int vocabulary;
    private boolean normalises;
    private long[] features = {};
    private long[] labelShape = {};
    private @Nullable InputType input;
    private @Nullable RandomHead head;

    private RandomArchitecture(long seed, DataType type) {
        this.random = new SplittableRandom(seed);
        this.type = type;
        this.graph = random.nextInt(3) == 0;
        this.exact = random.nextInt(5) == 0;
        int kind = random.nextInt(10);
        int most = random.nextInt(8) == 0 ? 64 : 7;
        this.batch = random.nextInt(8) == 0 ? 1 : 2 + random.nextInt(most - 1);
        if (kind < 3) {
            vectors();
        } else if (kind < 7) {
            images();
        } else if (kind < 9) {
            sequences();
        } else {
            indices();
        }
    }

    static RandomArchitecture of(long seed, DataType type) {
        return new RandomArchitecture(seed, type);
    }

    int batch() {
        return batch;
    }

    /** Rows of an epoch's last mini-batch: fewer, but two where their variance is normalised by. */
    int rest() {
        return normalises || batch == 1 ? Math.min(batch, 2) : 1 + batch / 3;
    }

    /** Whether the first weights and features are small multiples of powers of two: sums tie, and ties are exact. */
    boolean isExact() {
        return exact;
    }

    boolean normalises() {
        return normalises;
    }

    ReferenceNetwork reference() {
        return new ReferenceNetwork(references, head.reference());
    }

    Activation activation() {
        return ACTIVATIONS[random.nextInt(ACTIVATIONS.length)];
    }

    int upTo(int most) {
        return 1 + random.nextInt(most);
    }

    double fraction() {
        return random.nextDouble();
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    boolean isGraph() {
        return graph;
    }

    void add(Layer layer, ReferenceLayer reference) {
        layers.add(layer);
        references.add(reference);
    }

    private void vectors() {
        width = upTo(12);
        features = new long[] {width};
        input = oneIn(2) ? InputType.feedForward(width) : null;
        hidden(random.nextInt(4));
        output();
    }

    private void images() {
        RandomImages images = new RandomImages(this);
        features = images.features();
        input = images.input();
        width = images.layers(upTo(3));
        if (oneIn(2)) {
            dense(upTo(12), 1);
            hidden(random.nextInt(2));
        }
        output();
    }

    private void hidden(int count) {
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(6);
            if (kind == 0 && batch > 1) {
                add(normalization(new BatchNormalization.Builder().nIn(width).nOut(width), width, 1, true));
            } else if (kind == 1 && !layers.isEmpty()) {
                function();
            } else {
                dense(upTo(16), 1);
            }
        }
    }

    /** Not first, and no identity: there DL4J fails. */
    void function() {
        Activation f = ACTIVATIONS[upTo(ACTIVATIONS.length - 1)];
        add(new ActivationLayer.Builder().activation(f).build(), new ReferenceLayer.Function(f));
    }

    private void dense(int outputs, int atSteps) {
        Activation f = activation();
        boolean bias = !oneIn(4);
        add(
                new DenseLayer.Builder()
                        .nIn(width)
                        .nOut(outputs)
                        .hasBias(bias)
                        .activation(f)
                        .build(),
                new ReferenceLayer.Dense(width, outputs, atSteps, bias, f));
        width = outputs;
    }

    private void add(Object[] both) {
        add((Layer) both[0], (ReferenceLayer) both[1]);
    }

    /** DL4J's layer and the reference's. */
    Object[] normalization(BatchNormalization.Builder builder, int channels, int positions, boolean logarithmAlways) {
        normalises = true;
        boolean locked = oneIn(4);
        double gamma = locked && oneIn(2) ? 1.5 : 1;
        double beta = gamma == 1 ? 0 : -0.25;
        boolean logarithm = logarithmAlways || oneIn(2);
        double decay = oneIn(2) ? 0.9 : 0.75;
        builder.lockGammaBeta(locked).useLogStd(logarithm).decay(decay);
        if (locked) {
            builder.gamma(gamma).beta(beta);
        }
        return new Object[] {
            builder.build(),
            new ReferenceImages.Normalization(channels, positions, locked, gamma, beta, logarithm, decay)
        };
    }

    private void sequences() {
        width = upTo(5);
        steps = upTo(6);
        features = new long[] {width, steps};
        input = InputType.recurrent(width, steps);
        recurrent(true);
    }

    private void indices() {
        vocabulary = 2 + random.nextInt(10);
        boolean bias = oneIn(2);
        Activation f = activation();
        width = upTo(6);
        if (oneIn(2)) {
            features = new long[] {1};
            add(
                    new EmbeddingLayer.Builder()
                            .nIn(vocabulary)
                            .nOut(width)
                            .hasBias(bias)
                            .activation(f)
                            .build(),
                    new ReferenceLayer.Embedding(vocabulary, width, 1, bias, f));
            hidden(random.nextInt(3));
            output();
        } else {
            steps = 2 + random.nextInt(5);
            features = new long[] {steps};
            add(
                    new EmbeddingSequenceLayer.Builder()
                            .nIn(vocabulary)
                            .nOut(width)
                            .hasBias(bias)
                            .activation(f)
                            .build(),
                    new ReferenceLayer.Embedding(vocabulary, width, steps, bias, f));
            recurrent(false);
        }
    }

    private void recurrent(boolean withDense) {
        boolean last = oneIn(3);
        int count = upTo(2);
        for (int i = 0; i < count; i++) {
            int outputs = upTo(6);
            Activation f = oneIn(2) ? Activation.TANH : activation();
            // In a cell a steep function leads to overflow, and one that rounds off soon does not.
            f = f == Activation.CUBE ? Activation.SOFTSIGN : f;
            Activation gate = oneIn(3) ? Activation.HARDSIGMOID : Activation.SIGMOID;
            LSTM lstm = new LSTM.Builder()
                    .nIn(width)
                    .nOut(outputs)
                    .activation(f)
                    .gateActivationFunction(gate)
                    .dataFormat(RNNFormat.NCW)
                    .build();
            ReferenceLayer reference = new ReferenceLayer.Lstm(width, outputs, steps, f, gate);
            boolean isLast = last && i == count - 1;
            add(isLast ? new LastTimeStep(lstm) : lstm, reference);
            width = outputs;
            if (isLast) {
                references.add(new ReferenceLayer.LastStep(width, steps));
                steps = 1;
            } else if (withDense && oneIn(3)) {
                dense(upTo(8), steps);
            } else if (withDense && oneIn(6)) {
                function();
            }
        }
        if (last) {
            output();
        } else {
            int outputs = head();
            layers.add(new RnnOutputLayer.Builder(head.loss())
                    .nIn(width)
                    .nOut(outputs)
                    .activation(head.f())
                    .dataFormat(RNNFormat.NCW)
                    .build());
            references.add(new ReferenceLayer.Dense(width, outputs, steps, true, Activation.IDENTITY));
            labelShape = new long[] {outputs, steps};
        }
    }

    private void output() {
        boolean bias = !oneIn(4);
        int before = width;
        int outputs = head();
        // Others are left to DL4J.
        boolean lossLayer = (head.f() == Activation.SOFTMAX || head.f() == Activation.IDENTITY) && oneIn(2);
        if (lossLayer) {
            dense(outputs, 1);
            layers.add(new LossLayer.Builder(head.loss()).activation(head.f()).build());
        } else {
            layers.add(new OutputLayer.Builder(head.loss())
                    .nIn(before)
                    .nOut(outputs)
                    .hasBias(bias)
                    .activation(head.f())
                    .build());
            references.add(new ReferenceLayer.Dense(before, outputs, 1, bias, Activation.IDENTITY));
        }
        labelShape = new long[] {outputs};
    }

    /** Draws the loss; its width. */
    private int head() {
        head = new RandomHead(this, type, steps);
        return head.outputs();
    }

    /** Two whole mini-batches and a smaller one. */
    Examples data() {
        int n = 2 * batch + rest();
        float[] x = new float[n * length(features)];
        for (int i = 0; i < x.length; i++) {
            double value = 3 * random.nextDouble() - 1.5;
            x[i] = (float) (vocabulary > 0 ? random.nextInt(vocabulary) : exact ? Math.rint(2 * value) / 2 : value);
        }
        return head.label(this, x, features, labelShape);
    }

    private static int length(long[] shape) {
        long length = 1;
        for (long side : shape) {
            length *= side;
        }
        return Math.toIntExact(length);
    }

    /** The network, stepping as the rules say. */
    NetworkAccess network(RandomSteps rules) {
        NeuralNetConfiguration.Builder builder = rules.builder().dataType(type).seed(1);
        for (Layer layer : layers) {
            Layer inner = layer instanceof LastTimeStep wrapper ? wrapper.getUnderlying() : layer;
            if (inner instanceof BaseLayer base && !(inner instanceof BatchNormalization)) {
                GradientNormalization kind = rules.normalization();
                base.setGradientNormalization(kind);
                base.setGradientNormalizationThreshold(rules.threshold());
            }
        }
        if (!graph) {
            var list = builder.list(layers.toArray(new Layer[0])).validateOutputLayerConfig(false);
            MultiLayerNetwork network =
                    new MultiLayerNetwork((input == null ? list : list.setInputType(input)).build());
            network.init();
            return MultiLayerAccess.isolated(network);
        }
        ComputationGraphConfiguration.GraphBuilder chain =
                builder.graphBuilder().addInputs("in").validateOutputLayerConfig(false);
        for (int i = 0; i < layers.size(); i++) {
            chain.addLayer("layer" + i, layers.get(i), i == 0 ? "in" : "layer" + (i - 1));
        }
        chain.setOutputs("layer" + (layers.size() - 1));
        if (input != null) {
            chain.setInputTypes(input);
        }
        ComputationGraph network = new ComputationGraph(chain.build());
        network.init();
        return GraphAccess.isolated(network);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(graph ? "graph" : "stack").append(" of");
        layers.forEach(layer -> text.append(' ').append(layer.getClass().getSimpleName()));
        return text.append(", batch ").append(batch).toString();
    }
}
