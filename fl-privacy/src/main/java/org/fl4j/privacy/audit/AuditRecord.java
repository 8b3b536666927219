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
        tallies.forEach(tally -> tally.writeTo(out));
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
            tallies.add(Tally.readFrom(in));
        }
        return new AuditRecord(terms, CanarySecrets.of(coins, seed), run, tallies);
    }
}
