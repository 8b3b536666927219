package org.fl4j.server;

import java.util.List;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * What the blocks of a linear round have in common as data: with a {@link BlockTask} it is all that training and summing elsewhere
 * needs beside the rule and the clients' examples.
 *
 * @param round what encoding needs
 * @param segments of the sum in words: a rule that is configured otherwise elsewhere has others, more often than not
 * @param task what all clients are sent; its seed is the attempt's, each client's is derived from it
 */
record BlockTerms(RoundContext.PublicPart round, String segments, TrainingTask task) {

    private static final String KIND = "block-terms";
    private static final int VERSION = 1;

    static BlockTerms of(LinearRound rule, Cohort cohort) {
        return new BlockTerms(cohort.context().shared(rule.publicState()), inWords(rule.segments()), cohort.task());
    }

    /** Under masks both sides would find out; here a sum of other segments would be taken for one. */
    static String inWords(List<Segment> segments) {
        return segments.toString();
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeBytes(round.toBytes());
            out.writeString(segments);
            out.writeBytes(task.toBytes());
        });
    }

    static BlockTerms fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new BlockTerms(
                        RoundContext.PublicPart.fromBytes(in.readBytes()),
                        in.readString(),
                        TrainingTask.fromBytes(in.readBytes())));
    }
}
