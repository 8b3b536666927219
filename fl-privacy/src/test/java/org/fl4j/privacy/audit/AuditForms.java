package org.fl4j.privacy.audit;

import java.util.List;
import java.util.Optional;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.RunId;
import org.fl4j.testkit.GoldenFiles.Form;

/** The binary form of the auditor's file, for the test of the module's. */
public final class AuditForms {

    private AuditForms() {}

    /** A run that has not been drawn, a half word of coins. */
    public static Form<?> record() {
        AuditRecord example = new AuditRecord(
                new AuditTerms(70, 6, 0.9, 1e-7, 3, 5),
                CanarySecrets.of(new long[] {0x0123456789ABCDEFL, 0x2AL}, 0x70C3_0000_0000_70C3L),
                Optional.of(RunId.of("weights", 7)),
                List.of(
                        new Tally(2, 1, new double[] {0.5, -2}, new double[] {1, 3}),
                        new Tally(3, 2, new double[] {1.5, 4}, new double[] {0.25, -0.0})));
        return new Form<>(
                AuditRecord.KIND,
                "AuditRecord.KIND",
                new Written(example),
                Written::toBytes,
                bytes -> new Written(
                        BinaryReader.fromBytes(bytes, AuditRecord.KIND, AuditRecord.VERSION, AuditRecord::readFrom)));
    }

    /** Arrays and secrets have no equality: records are alike if their bytes are. */
    private record Written(AuditRecord record) {

        byte[] toBytes() {
            return BinaryWriter.toBytes(AuditRecord.KIND, AuditRecord.VERSION, record::writeTo);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Written that && java.util.Arrays.equals(toBytes(), that.toBytes());
        }

        @Override
        public int hashCode() {
            return java.util.Arrays.hashCode(toBytes());
        }
    }
}
