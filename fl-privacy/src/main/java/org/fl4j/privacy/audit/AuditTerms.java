package org.fl4j.privacy.audit;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;

/**
 * What is fixed before a run is audited.
 *
 * @param canaries m
 * @param guesses r, even
 * @param confidence of the bound that a statement shows
 * @param privacyDelta of that bound
 * @param norm the length of what a canary sends, before any clip
 * @param examples how many examples a canary says it has
 */
record AuditTerms(int canaries, int guesses, double confidence, double privacyDelta, double norm, long examples) {

    private static final int MOST = 1 << 24;

    AuditTerms {
        if (canaries < 2 || canaries > MOST) {
            throw new IllegalArgumentException("canaries must be from 2 to 2^24, but was " + canaries);
        }
        if (guesses < 2 || guesses > canaries || guesses % 2 != 0) {
            throw new IllegalArgumentException(
                    "guesses must be even, at least 2 and at most the " + canaries + " canaries, but was " + guesses);
        }
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence must be > 0 and < 1, but was " + confidence);
        }
        if (!(privacyDelta > 0 && privacyDelta < 1)) {
            throw new IllegalArgumentException("privacyDelta must be > 0 and < 1, but was " + privacyDelta);
        }
        Check.positive("norm", norm);
        Check.atLeast("examples", examples, 1);
    }

    void writeTo(BinaryWriter out) {
        out.writeInt(canaries);
        out.writeInt(guesses);
        out.writeDouble(confidence);
        out.writeDouble(privacyDelta);
        out.writeDouble(norm);
        out.writeLong(examples);
    }

    static AuditTerms readFrom(BinaryReader in) {
        try {
            return new AuditTerms(
                    in.readInt(), in.readInt(), in.readDouble(), in.readDouble(), in.readDouble(), in.readLong());
        } catch (IllegalArgumentException e) {
            throw in.corrupt(String.valueOf(e.getMessage()));
        }
    }
}
