package org.fl4j.client;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;

/**
 * What a client does for itself in a round, as data that crosses a wire: how it trains its LOCAL parameters, or a model of its own beside the
 * global one. It is independent of rule, objective and optimizer.
 *
 * @param method which of them
 * @param epochs of {@link Method#ALTERNATING}: passes over the data for LOCAL parameters; else 0
 * @param pull of {@link Method#DITTO}: lambda; else 0
 */
public record PersonalTraining(Method method, int epochs, double pull) {

    /** LOCAL parameters, if there are any, are trained with the others, in the same steps. */
    public static final PersonalTraining JOINT = new PersonalTraining(Method.JOINT, 0, 0);

    /** How a client trains for itself. */
    public enum Method {
        /** All parameters at once: FedPer, LG-FedAvg, FedBN, and whatever has no LOCAL parameters. */
        JOINT,
        /** First the LOCAL parameters, then those that travel, the others being held: FedRep. */
        ALTERNATING,
        /** After the global model a second, whole one, pulled towards the global weights: Ditto. */
        DITTO
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public PersonalTraining {
        Check.atLeast("epochs", epochs, method == Method.ALTERNATING ? 1 : 0);
        Check.notNegative("pull", pull);
        if ((method != Method.ALTERNATING && epochs != 0) || (method != Method.DITTO && pull != 0)) {
            throw new IllegalArgumentException("epochs are of ALTERNATING and a pull is of DITTO, but was " + method
                    + ", " + epochs + ", " + pull);
        }
    }

    /**
     * FedRep: with the global weights held, the LOCAL parameters are trained; then these are held, and the rest is trained as the
     * round's {@code LocalTraining} says.
     *
     * <p>Source: Collins, Hassani, Mokhtari, Shakkottai, "Exploiting Shared Representations for Personalized Federated Learning", ICML 2021,
     * algorithm 1.
     *
     * @param epochs passes over the client's data for the LOCAL parameters, at least 1; batch size and learning rate are the round's
     */
    public static PersonalTraining fedRep(int epochs) {
        return new PersonalTraining(Method.ALTERNATING, epochs, 0);
    }

    /**
     * Ditto: beside the global model, which is trained as without, each client has one of its own, v. It is trained as the round's {@code
     * LocalTraining} says, too, the gradient of {@code pull / 2 * ||v - w||^2} added, w being the round's global weights, where v starts in the client's first round.
     *
     * <p>Source: Li, Hu, Beirami, Smith, "Ditto: Fair and Robust Federated Learning Through Personalization", ICML 2021, algorithm 1.
     *
     * @param pull lambda, at least 0 and finite; 0 trains alone
     */
    public static PersonalTraining ditto(double pull) {
        return new PersonalTraining(Method.DITTO, 0, pull);
    }

    /** Whether clients remember something for it beside LOCAL parameters. */
    public boolean remembers() {
        return method == Method.DITTO;
    }

    void writeTo(BinaryWriter out) {
        out.writeString(method.name());
        out.writeInt(epochs);
        out.writeDouble(pull);
    }

    static PersonalTraining readFrom(BinaryReader in) {
        return new PersonalTraining(Method.valueOf(in.readString()), in.readInt(), in.readDouble());
    }

    @Override
    public String toString() {
        return switch (method) {
            case JOINT -> "joint";
            case ALTERNATING -> "fedrep(epochs=" + epochs + ")";
            case DITTO -> "ditto(lambda=" + pull + ")";
        };
    }
}
