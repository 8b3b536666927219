package org.fl4j.dl4j;

import java.util.Map;
import org.fl4j.models.internal.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Which of ND4J's activations are which of the plans'; by their very classes and default parameters. */
final class Activations {

    private static final Map<Class<?>, Activation> WITHOUT_PARAMETERS = Map.ofEntries(
            Map.entry(ActivationIdentity.class, Activation.IDENTITY),
            Map.entry(ActivationTanH.class, Activation.TANH),
            Map.entry(ActivationSigmoid.class, Activation.SIGMOID),
            Map.entry(ActivationReLU6.class, Activation.RELU6),
            Map.entry(ActivationSELU.class, Activation.SELU),
            Map.entry(ActivationSoftPlus.class, Activation.SOFTPLUS),
            Map.entry(ActivationSoftSign.class, Activation.SOFTSIGN),
            Map.entry(ActivationHardSigmoid.class, Activation.HARD_SIGMOID),
            Map.entry(ActivationHardTanH.class, Activation.HARD_TANH),
            Map.entry(ActivationSwish.class, Activation.SWISH),
            Map.entry(ActivationCube.class, Activation.CUBE),
            Map.entry(ActivationRationalTanh.class, Activation.RATIONAL_TANH),
            Map.entry(ActivationRectifiedTanh.class, Activation.RECTIFIED_TANH));

    private Activations() {}

    static Activation of(IActivation function) throws NotCoveredException {
        Class<?> type = function.getClass();
        if (type == ActivationReLU.class && isPlain((ActivationReLU) function)) {
            return Activation.RELU;
        }
        if (type == ActivationLReLU.class && function.equals(new ActivationLReLU())) {
            return Activation.LEAKY_RELU;
        }
        if (type == ActivationELU.class && function.equals(new ActivationELU())) {
            return Activation.ELU;
        }
        if (type == ActivationGELU.class && function.equals(new ActivationGELU())) {
            return Activation.GELU;
        }
        Activation plain = WITHOUT_PARAMETERS.get(type);
        if (plain != null) {
            return plain;
        }
        throw new NotCoveredException("the activation " + function);
    }

    private static boolean isPlain(ActivationReLU relu) {
        return relu.equals(new ActivationReLU());
    }
}
