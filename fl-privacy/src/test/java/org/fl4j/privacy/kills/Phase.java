package org.fl4j.privacy.kills;

import java.util.List;
import java.util.stream.Stream;

/** What a process was at when it was killed, by the stack of the thread that runs the rounds. */
enum Phase {
    /** Classes are loaded, stores and journal are opened. */
    START(0),
    TRAINING(1),
    /** The collected sum, noise and the server's step. */
    SUM(2),
    MASKED_SUM(3),
    BUFFER(4),
    JOURNAL(5),
    CLIENT_STATES(6),
    CHECKPOINT(7);

    /** In the file of the phase. */
    final byte code;

    Phase(int code) {
        this.code = (byte) code;
    }

    private record Sign(String name, Phase phase) {

        boolean isOn(StackTraceElement frame) {
            return (frame.getClassName() + "." + frame.getMethodName()).contains(name);
        }
    }

    /** The first that is found from the top of the stack counts. */
    private static final List<Sign> SIGNS = List.of(
            new Sign(".FileCheckpointStore.save", CHECKPOINT),
            new Sign(".JournalFile", JOURNAL),
            new Sign(".DirectoryClientStateStore", CLIENT_STATES),
            new Sign(".StateFiles", CLIENT_STATES),
            new Sign(".InProcessRun.", TRAINING),
            new Sign(".privacy.secagg.", MASKED_SUM),
            new Sign(".SecureCollector", MASKED_SUM),
            new Sign(".UpdateBuffer", BUFFER),
            new Sign(".VirtualTasks", BUFFER),
            new Sign(".AsynchronousRun", BUFFER),
            new Sign(".server.Round", SUM));

    static Phase withCode(byte code) {
        return Stream.of(values())
                .filter(phase -> phase.code == code)
                .findFirst()
                .orElseThrow();
    }

    static Phase of(StackTraceElement... stack) {
        for (StackTraceElement frame : stack) {
            for (Sign sign : SIGNS) {
                if (sign.isOn(frame)) {
                    return sign.phase();
                }
            }
        }
        return START;
    }
}
