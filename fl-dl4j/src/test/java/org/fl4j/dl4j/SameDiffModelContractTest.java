package org.fl4j.dl4j;

import java.util.Optional;
import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.testkit.GradientModelContract;
import org.junit.jupiter.api.Nested;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** SameDiff graphs keep the laws. */
class SameDiffModelContractTest {

    abstract static class Classifier extends GradientModelContract<Examples> {

        @Override
        protected Examples data(int examples) {
            return Networks.classified(examples);
        }

        @Override
        protected int classes() {
            return Networks.CLASSES;
        }
    }

    @Nested
    class PlainSgd extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd(1)));
        }
    }

    @Nested
    class InDouble extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Graphs.model(Graphs.mlp(DataType.DOUBLE, new Sgd(1)));
        }
    }

    @Nested
    class Regularised extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Graphs.model(
                    Graphs.mlp(DataType.FLOAT, new Sgd(1), new L2Regularization(0.1), new WeightDecay(0.1, true)));
        }
    }

    @Nested
    class RandomMaskAndAdam extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Graphs.model(Graphs.withRandomMask(new Adam()));
        }

        @Override
        protected Optional<GradientModel<Examples>> plainSgd() {
            return Optional.of(Graphs.model(Graphs.withRandomMask(new Sgd())));
        }
    }

    @Nested
    class AdaGradWhoseStateDoesNotStartAtZero extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Graphs.model(Graphs.mlp(DataType.FLOAT, new AdaGrad()));
        }

        @Override
        protected Optional<GradientModel<Examples>> plainSgd() {
            return Optional.empty();
        }
    }

    @Nested
    class WithAStatistic extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return SameDiffModel.of(Graphs.mlp(DataType.FLOAT, new Sgd(1)), Graphs.NAMES.withStatistics("b0", "W1"));
        }
    }
}
