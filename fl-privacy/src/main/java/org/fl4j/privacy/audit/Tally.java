package org.fl4j.privacy.audit;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/** Where an audit stands after a round. Immutable: its arrays are not handed on. */
final class Tally {

    private final int round;
    private final long scored;
    private final double[] sums;
    private final double[] position;

    /**
     * The arrays are owned.
     *
     * @param round of the state
     * @param scored how many rounds the sums are of
     * @param sums the signed, folded displacements of these rounds
     * @param position the folded weights of the state
     */
    Tally(int round, long scored, double[] sums, double[] position) {
        this.round = round;
        this.scored = scored;
        this.sums = sums;
        this.position = position;
    }

    /** Before the first scored round. */
    static Tally at(int round, double[] position) {
        return new Tally(round, 0, new double[position.length], position);
    }

    int round() {
        return round;
    }

    long scored() {
        return scored;
    }

    double[] sums() {
        return sums.clone();
    }

    /** The tally of a state that has been reached from this one in one round. */
    Tally next(double[] reached) {
        double[] added = sums.clone();
        int sign = sign(round + 1);
        for (int i = 0; i < added.length; i++) {
            added[i] += sign * (reached[i] - position[i]);
        }
        return new Tally(round + 1, scored + 1, added, reached);
    }

    /**
     * The sign of what canaries send in a round: the Thue-Morse sequence. Noise that two rounds share, the first and second, third and fourth and so
     * on, cancels in the scores; so does what all rounds share.
     */
    static int sign(int round) {
        return (Integer.bitCount(round - 1) & 1) == 0 ? 1 : -1;
    }

    void writeTo(BinaryWriter out) {
        out.writeInt(round);
        out.writeLong(scored);
        out.writeDoubles(sums);
        out.writeDoubles(position);
    }

    static Tally readFrom(BinaryReader in) {
        return new Tally(in.readInt(), in.readLong(), in.readDoubles(), in.readDoubles());
    }
}
