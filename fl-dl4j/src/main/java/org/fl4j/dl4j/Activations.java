package org.fl4j.dl4j;

import org.fl4j.models.internal.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Which of ND4J's activations are which of the plans'; by their very classes and default parameters. */
final class Activations {

    private Activations() {}

    static Activation of(IActivation function) throws NotCoveredException {
        Class<?> type = function.getClass();
        if (type == ActivationIdentity.class) {
            return Activation.IDENTITY;
        }
        if (type == ActivationReLU.class && isPlain((ActivationReLU) function)) {
            return Activation.RELU;
        }
        if (type == ActivationTanH.class) {
            return Activation.TANH;
        }
        if (type == ActivationSigmoid.class) {
            return Activation.SIGMOID;
        }
        throw new NotCoveredException("the activation " + function);
    }

    private static boolean isPlain(ActivationReLU relu) {
        return relu.equals(new ActivationReLU());
    }
}
