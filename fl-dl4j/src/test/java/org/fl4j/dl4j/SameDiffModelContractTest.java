package org.fl4j.dl4j;

import java.util.Optional;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** SameDiff graphs keep the laws. */
class SameDiffModelContractTest extends NetworkContract {

    static Stream<Network> networks() {
        return Stream.of(
                Network.of("plain SGD", () -> Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd(1)))),
                Network.of("in DOUBLE", () -> Graphs.model(Graphs.mlp(DataType.DOUBLE, new Sgd(1)))),
                Network.of(
                        "regularised",
                        () -> Graphs.model(Graphs.mlp(
                                DataType.FLOAT, new Sgd(1), new L2Regularization(0.1), new WeightDecay(0.1, true)))),
                Network.of("random mask and Adam", () -> Graphs.model(Graphs.withRandomMask(new Adam())))
                        .withPlainSgd(() -> Optional.of(Graphs.model(Graphs.withRandomMask(new Sgd())))),
                Network.of(
                                "AdaGrad, whose state does not start at zero",
                                () -> Graphs.model(Graphs.mlp(DataType.FLOAT, new AdaGrad())))
                        .withPlainSgd(Optional::empty),
                Network.of(
                        "with a statistic",
                        () -> SameDiffModel.of(
                                Graphs.mlp(DataType.FLOAT, new Sgd(1)), Graphs.NAMES.withStatistics("b0", "W1"))));
    }
}
