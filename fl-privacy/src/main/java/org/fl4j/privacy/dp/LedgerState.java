package org.fl4j.privacy.dp;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;

/**
 * What a run's state carries of its privacy ledger.
 *
 * @param charged how often each release was charged
 * @param journal the hash of the run's last charge in its journal; empty without one
 */
record LedgerState(ChargedReleases charged, String journal) {

    static final LedgerState NONE = new LedgerState(ChargedReleases.NONE, "");

    private static final String KIND = "privacy-ledger";
    private static final int VERSION = 4;
    private static final String RECORD = "record";

    ComponentState write() {
        return ComponentState.of(KIND, VERSION).with(RECORD, BinaryWriter.toBytes(KIND, VERSION, this::writeTo));
    }

    static LedgerState read(ComponentState state) {
        return state.expect(KIND, VERSION).isEmpty()
                ? NONE
                : BinaryReader.fromBytes(state.bytes(RECORD), KIND, VERSION, LedgerState::readFrom);
    }

    void writeTo(BinaryWriter out) {
        charged.writeTo(out);
        out.writeString(journal);
    }

    static LedgerState readFrom(BinaryReader in) {
        return new LedgerState(ChargedReleases.readFrom(in), in.readString());
    }
}
