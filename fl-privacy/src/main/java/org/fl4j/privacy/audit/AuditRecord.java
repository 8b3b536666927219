package org.fl4j.privacy.audit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.RunId;

/**
 * All that an audit carries from one process to the next: the auditor's file.
 *
 * @param run empty until it starts
 * @param tallies after the last rounds, in their order
 */
record AuditRecord(AuditTerms terms, CanarySecrets secrets, Optional<RunId> run, List<Tally> tallies) {

    static final int KEPT = 4;

    static final String KIND = "privacy-audit";
    static final int VERSION = 1;

    AuditRecord {
        tallies = List.copyOf(tallies.subList(Math.max(0, tallies.size() - KEPT), tallies.size()));
    }

    /**
     * Where an audit stands after a round.
     *
     * @param round of the state
     * @param scored how many rounds the sums are of
     * @param sums the signed, folded displacements of these rounds
     * @param position the folded weights of the state
     */
    record Tally(int round, long scored, double[] sums, double[] position) {

        /** The tally of a state that has been reached from this one in one round. */
        Tally next(double[] reached) {
            double[] added = sums.clone();
            int sign = sign(round + 1);
            for (int i = 0; i < added.length; i++) {
                added[i] += sign * (reached[i] - position[i]);
            }
            return new Tally(round + 1, scored + 1, added, reached);
        }
    }

    /**
     * The sign of what canaries send in a round: the Thue-Morse sequence. Noise that two rounds share, the first and second, third and fourth and so
     * on, cancels in the scores; so does what all rounds share.
     */
    static int sign(int round) {
        return (Integer.bitCount(round - 1) & 1) == 0 ? 1 : -1;
    }

    AuditRecord with(Optional<RunId> its, List<Tally> newer) {
        return new AuditRecord(terms, secrets, its, newer);
    }

    void save(Path file) {
        BinaryWriter.toFile(file, KIND, VERSION, this::writeTo);
    }

    static AuditRecord load(Path file) {
        return BinaryReader.fromFile(file, KIND, VERSION, AuditRecord::readFrom);
    }

    void writeTo(BinaryWriter out) {
        terms.writeTo(out);
        out.writeLong(secrets.seed());
        for (long word : secrets.coins()) {
            out.writeLong(word);
        }
        out.writeFlag(run.isPresent());
        run.ifPresent(id -> id.writeTo(out));
        out.writeInt(tallies.size());
        for (Tally tally : tallies) {
            out.writeInt(tally.round());
            out.writeLong(tally.scored());
            out.writeDoubles(tally.sums());
            out.writeDoubles(tally.position());
        }
    }

    static AuditRecord readFrom(BinaryReader in) {
        AuditTerms terms = AuditTerms.readFrom(in);
        long seed = in.readLong();
        long[] coins = new long[CanarySecrets.words(terms.canaries())];
        for (int i = 0; i < coins.length; i++) {
            coins[i] = in.readLong();
        }
        Optional<RunId> run = in.readFlag() ? Optional.of(RunId.readFrom(in)) : Optional.empty();
        List<Tally> tallies = new ArrayList<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            tallies.add(new Tally(in.readInt(), in.readLong(), in.readDoubles(), in.readDoubles()));
        }
        return new AuditRecord(terms, CanarySecrets.of(coins, seed), run, tallies);
    }
}
